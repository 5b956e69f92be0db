// SPDX-License-Identifier: Apache-2.0
// What the system test has Thunderbird do, in Thunderbird: a person at the keyboard, and an ear at the wire.
const MAIN = "chrome://messenger/content/messenger.xhtml";
const ALERT = "chrome://global/content/commonDialog.xhtml";
const EXCEPTION = "chrome://pippki/content/exceptionDialog.xhtml";
const PATIENCE_MS = 20000; // less than a script may take
const OFFER_MS = 8000;
const {MailServices} = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");

function open(address) {
  return [...Services.wm.getEnumerator("")].find(one => one.location.href == address && one.document.readyState == "complete");
}

function pause(forMs) {
  return new Promise(resolve => setTimeout(resolve, forMs));
}

async function until(what, find, forMs = PATIENCE_MS) {
  for (const end = Date.now() + forMs; Date.now() < end; await pause(20)) {
    const found = find();
    if (found)
      return found;
  }
  throw new Error(`${what} did not come; open are ${[...Services.wm.getEnumerator("")].map(one => one.document.title).join(", ")}`);
}

// What is known of the message under way outlives its window here.
function desk() {
  return open(MAIN);
}

async function ready() {
  await until("the main window", desk);
  return Services.appinfo.version;
}

async function rememberPassword(host, user, password) {
  const login = Cc["@mozilla.org/login-manager/loginInfo;1"].createInstance(Ci.nsILoginInfo);
  login.init("smtp://" + host, null, "smtp://" + host, user, password, "", "");
  await Services.logins.addLoginAsync(login);
}

// What "Import" and "Trust this CA" in the certificate manager do.
async function trustIssuer(base64) {
  const store = Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB);
  return store.addCertFromBase64(base64, "C,,").sha1Fingerprint;
}

function server() {
  return MailServices.outgoingServer.defaultServer.wrappedJSObject;
}

function thumbprintOf(info) {
  return info.serverCert.sha1Fingerprint.replaceAll(":", "");
}

async function thumbprintOfConnection() {
  const client = [...server()._busyConnections, ...server()._freeConnections][0];
  return thumbprintOf(await client.socket.transport.tlsSocketControl.asyncGetSecurityInfo());
}

function listener(sending) {
  return {
    QueryInterface: ChromeUtils.generateQI(["nsIMsgSendListener"]),
    onStartSending() {},
    onSendProgress() {},
    onStatus() {},
    onGetDraftFolderURI() {},
    onSendNotPerformed() {},
    onStopSending(id, status) {
      sending.sent = Components.isSuccessCode(status);
      if (sending.sent)
        thumbprintOfConnection().then(found => { sending.thumbprint = found; }, error => { sending.thumbprint = String(error); });
    },
    onTransportSecurityError(id, status, info, where) {
      Object.assign(sending, {error: info.errorCodeString, thumbprint: thumbprintOf(info), where});
    },
  };
}

async function openMessage(to, subject) {
  const params = Cc["@mozilla.org/messengercompose/composeparams;1"].createInstance(Ci.nsIMsgComposeParams);
  const fields = Cc["@mozilla.org/messengercompose/composefields;1"].createInstance(Ci.nsIMsgCompFields);
  Object.assign(fields, {to, subject, body: "A line of text.\n"});
  Object.assign(params, {composeFields: fields, type: Ci.nsIMsgCompType.New, format: Ci.nsIMsgCompFormat.PlainText,
                         identity: MailServices.accounts.getIdentity("id1")});
  const opened = new Promise(resolve => {
    const watch = {
      onOpenWindow(window) {
        window.docShell.domWindow.addEventListener("compose-editor-ready", () => {
          Services.wm.removeListener(watch);
          resolve();
        }, {once: true, capture: true});
      },
      onCloseWindow() {},
    };
    Services.wm.addListener(watch);
  });
  MailServices.compose.OpenComposeWindowWithParams(null, params);
  await opened;
}

// A new message in a window of its own, then the button Send. Returns once it was pressed.
async function send(to, subject) {
  server().closeCachedConnections();
  await openMessage(to, subject);
  const window = Services.wm.getMostRecentWindow("msgcompose");
  desk().sending = {};
  window.gMsgCompose.addMsgSendListener(listener(desk().sending));
  window.setTimeout(() => window.goDoCommand("cmd_sendNow"), 0);
}

// Waits until the message is sent, or an alert says why not.
async function outcome() {
  const sending = desk().sending;
  const alert = await until("the end of sending", () => open(ALERT) || (sending.sent && sending.thumbprint));
  if (sending.sent)
    return sending;
  await pause(300); // it is drawn by then, for the picture
  return {sent: false, alert: alert.document.getElementById("infoBody").textContent};
}

// Its copy, in the folder Sent.
async function lookAtSent(subject) {
  await until("the end of the message's window", () => !Services.wm.getMostRecentWindow("msgcompose"));
  const {currentAbout3Pane} = desk().document.getElementById("tabmail");
  const address = MailServices.accounts.getIdentity("id1").fccFolderURI;
  currentAbout3Pane.displayFolder(await until("the folder Sent", () => MailServices.folderLookup.getFolderForURL(address)));
  const list = currentAbout3Pane.document.getElementById("threadTree");
  await until("the copy in Sent", () => list.textContent.includes(subject));
  await pause(300);
}

// "OK" to the alert; then Thunderbird offers to add an exception.
async function dismissAlert() {
  open(ALERT).document.querySelector("dialog").acceptDialog();
  const dialog = await until("the offer of an exception", () => open(EXCEPTION), OFFER_MS);
  await until("its text", () => dialog.document.getElementById("statusDescription").textContent);
  await pause(300);
  return desk().sending;
}

// "Cancel"; and the message is thrown away.
async function giveUp() {
  open(EXCEPTION)?.document.querySelector("dialog").cancelDialog();
  const window = Services.wm.getMostRecentWindow("msgcompose");
  window.gContentChanged = false;
  window.gMsgCompose.bodyModified = false;
  window.close();
  await until("the end of the message's window", () => !open(EXCEPTION) && !Services.wm.getMostRecentWindow("msgcompose"));
}
