// Sends the one form that only carries an answer on to an application.
document.querySelector("form[data-go-on]")?.requestSubmit();
