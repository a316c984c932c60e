/* Keeps the id of the click that led here, as a first-party cookie of this website, and tells Kairo of the landing.
   <script src="https://KAIRO/t.js" data-site="KEY" async></script>
   data-consent="required": nothing is kept or told before kairo.consent(true). kairo.clickId() is for forms. */
(function () {
  "use strict";
  var script = document.currentScript;
  if (!script) return;
  var site = script.getAttribute("data-site");
  var base = new URL(script.src).origin;
  var name = "_kclid";
  var days = 90;
  var query = new URLSearchParams(location.search);
  var asked = script.getAttribute("data-consent") === "required";
  var refused = navigator.globalPrivacyControl === true;

  function kept() {
    var found = document.cookie.match(/(?:^|; )_kclid=([^;]*)/);
    if (found) return decodeURIComponent(found[1]);
    try { return localStorage.getItem(name); } catch (error) { return null; }
  }
  function keep(id) {
    var secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = name + "=" + encodeURIComponent(id) + "; Max-Age=" + days * 86400 + "; Path=/; SameSite=Lax" + secure;
    try { localStorage.setItem(name, id); } catch (error) { return; }
  }
  function forget() {
    document.cookie = name + "=; Max-Age=0; Path=/";
    try { localStorage.removeItem(name); } catch (error) { return; }
  }
  function made() {
    var bytes = crypto.getRandomValues(new Uint8Array(12));
    return "kc_" + Array.from(bytes, function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
  }
  function given() {
    var id = query.get("kclid");
    if (id || !(query.get("fbclid") || query.get("gclid"))) return id;
    try {
      /* The page read again is the same click. */
      if (sessionStorage.getItem(name) === location.search && kept()) return kept();
      sessionStorage.setItem(name, location.search);
    } catch (error) { return made(); }
    return made();
  }
  function tell(id, consent) {
    var told = new URLSearchParams({ s: site || "", k: id, u: location.origin + location.pathname });
    ["fbclid", "gclid", "utm_content", "utm_campaign", "ad_id"].forEach(function (part) {
      if (query.get(part)) told.set(part, query.get(part));
    });
    if (consent !== false) {
      told.set("sc", screen.width + "x" + screen.height);
      told.set("tz", Intl.DateTimeFormat().resolvedOptions().timeZone || "");
      told.set("l", navigator.language || "");
    }
    if (consent !== null) told.set("c", consent ? "1" : "0");
    new Image().src = base + "/p.gif?" + told.toString();
  }
  function landed(consent) {
    var id = given();
    if (!id) return;
    if (consent !== false) keep(id);
    tell(id, consent);
  }

  window.kairo = {
    clickId: kept,
    consent: function (agrees) {
      var id = kept();
      if (agrees) { if (id) tell(id, true); else landed(true); return; }
      if (id) tell(id, false);
      forget();
    }
  };
  if (refused) landed(false);
  else if (!asked) landed(null);
})();
