// Page 1's letters and its fields' values as MuPDF reads them, a line of JSON each (mutool run).
var open = Document.openDocument || function (path) { return new Document(path) }
var page = open(scriptArgs[0]).loadPage(0)
var height = page.bound()[3]
function tell(text, x, y) {
	print(JSON.stringify([text, x, height - y]))
}
page.toStructuredText().walk({
	onChar: function (letter, origin) {
		tell(letter, origin[0], origin[1])
	},
})
page.getWidgets().forEach(function (widget) {
	if (widget.getFieldType() === "text") {
		var box = widget.getRect ? widget.getRect() : widget.getBounds()
		tell(widget.getValue(), box[0], box[3] - 3)
	}
})
