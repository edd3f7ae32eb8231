// What VS Code does with a notebook that is opened and saved: texts are joined and cut into lines again, JSON is read, pictures are
// decoded and encoded, every object's keys are sorted, numbers are written by JavaScript, and a line end comes last.
const fs = require('fs');

const joined = text => (Array.isArray(text) ? text.join('') : text);
const lines = text => joined(text).split(/(?<=\n)(?!$)/);

function form(type, value) {
  if (type.endsWith('json')) return value;
  if (type.startsWith('image/') && type !== 'image/svg+xml') return Buffer.from(joined(value), 'base64').toString('base64');
  return lines(value);
}

function output(shown) {
  const changed = { ...shown };
  if (shown.text !== undefined) changed.text = lines(shown.text);
  if (shown.data !== undefined) changed.data = Object.fromEntries(Object.entries(shown.data).map(([type, value]) => [type, form(type, value)]));
  return changed;
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.keys(value).sort().map(key => [key, sorted(value[key])]));
}

const notebook = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
for (const cell of notebook.cells) {
  cell.source = lines(cell.source);
  if (cell.outputs) cell.outputs = cell.outputs.map(output);
}
process.stdout.write(JSON.stringify(sorted(notebook), null, 1) + '\n');
