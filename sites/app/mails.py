"""How mails leave this site."""

from outbox import Outbox

outbox = Outbox("Tern Lane Allotments <noreply@ternlane.example>")
