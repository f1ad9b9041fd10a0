/* The page that answers a form stands in the browser's history as "send the form again", which Back cannot show and
   reload asks about. It takes the address of the page its form stands on, so both open that page instead. */

const address = document.querySelector("meta[name=page-address]")?.content;
if (address) history.replaceState(history.state, "", address);
