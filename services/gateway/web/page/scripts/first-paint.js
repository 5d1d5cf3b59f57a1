/* Sets theme, language and direction before anything is painted; a classic script, since modules come later. */
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
})();
