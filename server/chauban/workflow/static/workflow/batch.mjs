// How many documents are to be signed, left and returned, counted as one chooses.
// Without this module the page's own figures stand, and the server counts.

const form = document.querySelector("[data-batch]");

function count() {
  const chosen = [...form.querySelectorAll("input[type=radio]:checked")].map((one) => one.value);
  for (const told of form.querySelectorAll("[data-count]")) {
    told.textContent = chosen.filter((one) => one === told.dataset.count).length;
  }
}

form.addEventListener("change", count);
count(); // the browser may have kept what was chosen before
