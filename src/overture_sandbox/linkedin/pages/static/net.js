// The page's own requests: Voyager JSON and SDUI server requests, with the session's CSRF token.
import { page } from "./page.js";

export function csrfToken() {
  const found = document.cookie.match(/(?:^|;\s*)JSESSIONID="?([^";]+)"?/);
  return found ? found[1] : "";
}

const track = (name) => JSON.stringify({
  clientVersion: "1.13.46474", mpVersion: "1.13.46474", osName: "web", timezoneOffset: 1,
  timezone: Intl.DateTimeFormat().resolvedOptions().timeZone, deviceFormFactor: "DESKTOP", mpName: name,
  displayDensity: window.devicePixelRatio, displayWidth: screen.width, displayHeight: screen.height,
});

const voyagerHeaders = (extra) => ({
  "csrf-token": csrfToken(),
  "x-restli-protocol-version": "2.0.0",
  "x-li-lang": page.locale,
  "x-li-track": track("voyager-web"),
  "x-li-page-instance": page.pageInstance,
  accept: "application/vnd.linkedin.normalized+json+2.1",
  ...extra,
});

async function answerOf(response) {
  const text = await response.text();
  try {
    return { status: response.status, json: text ? JSON.parse(text) : {} };
  } catch {
    return { status: response.status, json: null };
  }
}

async function ask(url, options) {
  try {
    return await answerOf(await fetch(url, { credentials: "include", ...options }));
  } catch {
    return { status: 0, json: null };
  }
}

export const voyagerPost = (path, body, extra = {}) =>
  ask(`/voyager/api${path}`, {
    method: "POST",
    headers: voyagerHeaders({ "content-type": "application/json; charset=UTF-8", ...extra }),
    body: JSON.stringify(body),
  });

export const voyagerGet = (path, extra = {}) => ask(`/voyager/api${path}`, { headers: voyagerHeaders(extra) });

export const serverRequest = (sduiid, payload) =>
  ask(`/flagship-web/rsc-action/actions/server-request?sduiid=${sduiid}`, {
    method: "POST",
    headers: {
      "csrf-token": csrfToken(),
      "content-type": "application/json",
      "x-li-rsc-stream": "true",
      "x-li-application-version": "0.2.5119",
      "x-li-page-instance-tracking-id": page.trackingId,
      "x-li-anchor-page-key": "d_flagship3_profile_view_base",
      "x-li-track": track("web"),
    },
    body: JSON.stringify({ requestId: sduiid, serverRequest: { requestId: sduiid, payload }, payload }),
  });

export const succeeded = (answer) => answer.status >= 200 && answer.status < 300 && answer.json !== null
  && !(answer.json.data && answer.json.data.errors);

export const errorCode = (answer) => answer.json?.data?.code ?? answer.json?.code ?? null;
