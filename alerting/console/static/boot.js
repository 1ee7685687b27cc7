// Runs before the first paint, so that neither language nor theme flickers.
(function () {
  "use strict";
  const root = document.documentElement;
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  const kept = (key) => {
    try {
      return localStorage.getItem("forewarn." + key);
    } catch {
      return null; // storage may be forbidden; the page works without memory
    }
  };
  const applyTheme = () => {
    const { theme } = root.dataset;
    root.dataset.scheme = theme === "light" || theme === "dark" ? theme : prefersDark.matches ? "dark" : "light";
  };
  const browser = (navigator.languages || [navigator.language]).find((tag) => /^(zh|en)\b/i.test(tag)) || "en";
  root.lang = kept("language") || (/^zh/i.test(browser) ? "zh" : "en");
  root.dataset.theme = kept("theme") || "auto";
  applyTheme();
  prefersDark.addEventListener("change", applyTheme);
  new MutationObserver(applyTheme).observe(root, { attributeFilter: ["data-theme"] });
})();
