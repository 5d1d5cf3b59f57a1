/* Sets theme, language and direction before anything is painted, and says when the modules don't come: a classic script. */
(function () {
  "use strict";
  var root = document.documentElement;
  var theme = null;
  var language = null;
  try {
    theme = localStorage.getItem("care.theme");
    language = localStorage.getItem("care.language");
  } catch (error) {
    // Storage is closed to this page: the reader's system decides.
  }
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  if (language !== "en" && language !== "ar") {
    language = (navigator.language || "en").slice(0, 2).toLowerCase() === "ar" ? "ar" : "en";
  }
  root.lang = language;
  root.dir = language === "ar" ? "rtl" : "ltr";
  // A module that was lost, or one of another release while a new one is rolled out: without a word the page stays empty.
  addEventListener("error", function (event) {
    if (event.target !== window && event.target.tagName !== "SCRIPT") return;
    var main = document.getElementById("main");
    var unable = document.getElementById("unable");
    if (main && unable && !main.firstChild) unable.hidden = false;
  }, true);
})();
