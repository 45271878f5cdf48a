// Sends a comment and shows the answer in the place of the comments. Without a script the form goes to a page of its own.
addEventListener("submit", async (event) => {
  const comments = event.target.closest("#comments");
  if (!comments) return;
  event.preventDefault();
  const body = new FormData(event.target);
  const asked = fetch(location.pathname, { method: "POST", body, headers: { "HX-Request": "true" } });
  const answer = await asked.catch(() => null);
  if (!answer?.ok && answer?.status !== 422) return event.target.submit();
  comments.innerHTML = await answer.text();
  comments.focus();
});
