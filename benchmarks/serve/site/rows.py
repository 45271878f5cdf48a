"""What the table shows, to every framework alike."""

TABLE = {
    "title": "Twenty rows",
    "nav": [{"href": f"/p{i}", "label": f"Page {i}"} for i in range(5)],
    "rows": [{"id": i, "name": f"Item <{i}> & co", "price": 1.5 * i} for i in range(20)],
}
