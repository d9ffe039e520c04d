"use strict";
// Calls the Government CA's program on this machine for each file, one after the other. The
// program fetches, signs and brings back; the server alone decides whether that is accepted.
(() => {
  const panel = document.getElementById("program");
  const told = panel.querySelector("[data-told]");
  const again = panel.querySelector("[data-again]");
  const token = panel.querySelector("[name=csrfmiddlewaretoken]").value;

  class Failed extends Error {}

  function show(use, state) {
    for (const tag of panel.querySelectorAll(`[data-use="${use}"] [data-state]`)) {
      tag.hidden = tag.dataset.state !== state;
    }
  }

  function call({ address, message }) {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(address);
      let why = panel.dataset.missing;
      socket.onopen = () => {
        why = panel.dataset.broken;
        socket.send(message);
      };
      socket.onmessage = (event) => {
        let answer = {};
        try {
          answer = JSON.parse(event.data) ?? {};
        } catch {
          // Words that are no answer count as a refusal without a reason.
        }
        if (Number(answer.Status ?? 1) === 0) {
          resolve();
        } else {
          reject(new Failed(`${panel.dataset.refused} ${answer.Message ?? ""}`.trim()));
        }
        socket.close();
      };
      socket.onclose = () => reject(new Failed(why));
    });
  }

  async function tickets() {
    let answer;
    try {
      answer = await fetch(panel.dataset.tickets, {
        method: "POST",
        headers: { "X-CSRFToken": token },
      });
    } catch {
      throw new Failed(panel.dataset.offline);
    }
    // Over, cancelled or signed out: the draft's page says which.
    return answer.ok ? (await answer.json()).calls : [];
  }

  async function sign() {
    again.disabled = true;
    told.textContent = panel.dataset.calling;
    let current = null;
    try {
      for (const each of await tickets()) {
        current = each.use;
        show(current, "calling");
        await call(each);
        show(current, "signed");
      }
      told.textContent = panel.dataset.finished;
      location.assign(panel.dataset.done);
    } catch (failure) {
      if (!(failure instanceof Failed)) throw failure;
      if (current !== null) show(current, "waiting");
      told.textContent = failure.message;
      again.disabled = false;
      again.focus();
    }
  }

  again.addEventListener("click", sign);
  sign();
})();
