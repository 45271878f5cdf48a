// Lists notices that are pinned up while the page is open.
const list = document.getElementById("news");
new EventSource("/admin/news/").addEventListener("message", (event) => {
  const { title, by, url } = JSON.parse(event.data);
  const item = document.createElement("li");
  item.append(Object.assign(document.createElement("a"), { href: url, textContent: title }), `, by ${by}`);
  list.prepend(item);
});
