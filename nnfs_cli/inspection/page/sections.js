// Sections of named tensors: a sample in depth, or a gallery.
for (const section of data.sections) {
  const parent = make(byId("sections"), "section");
  if (section.title) make(parent, "h2", section.title);
  if (section.note) make(parent, "p", section.note, "note");
  const row = make(parent, "div", "", section.tiles ? "tensors tiles" : "tensors");
  for (const { name, ...tensor } of section.shown) {
    const own = whole(tensor);
    show(row, name, own, (at) => `${name}${indexText(own.shape, at)} = ${digits(own.values[at])}`);
  }
}
