// Runs every method of the official client against a server, with the client's own validation of answers on.
// node check.cjs <modules> <origin> <key> <JSON of who is who>: prints one JSON object, the outcome by method.
const { join } = require('node:path');
const { createRequire } = require('node:module');

const [modules, origin, key, given] = process.argv.slice(2);
const { UnipileClient } = createRequire(join(modules, 'package.json'))('unipile-node-sdk');
const who = JSON.parse(given);
const client = new UnipileClient(origin, key, {
  validateRequestPayload: true,
  validateRequestPayloadLevel: 'error',
});
const { account, users, messaging, webhook, email } = client;
const account_id = who.account_id;
const outcomes = {};

function told(error) {
  const body = error.body === undefined ? error.message : JSON.stringify(error.body);
  return `${error.constructor.name}: ${body}`.slice(0, 3000);
}

async function step(name, act) {
  try {
    const answer = await act();
    outcomes[name] = { ok: true, object: answer && answer.object };
    return answer;
  } catch (error) {
    outcomes[name] = { ok: false, error: told(error), type: error.constructor.name };
    return undefined;
  }
}

async function accounts() {
  await step('account.getAll', () => account.getAll({ limit: 10 }));
  await step('account.getOne', () => account.getOne(account_id));
  await step('account.connect', () => account.connect({ provider: 'LINKEDIN', ...who.second }));
  const linked = await step('account.connectLinkedin', () => account.connectLinkedin(who.third));
  const id = linked && linked.account_id;
  await step('account.connectLinkedinWithCookie', () => account.connectLinkedinWithCookie(who.cookie));
  await step('account.reconnect', () => account.reconnect({ account_id: id, provider: 'LINKEDIN', ...who.third }));
  await step('account.reconnectLinkedin', () => account.reconnectLinkedin({ account_id: id, ...who.third }));
  await step('account.reconnectLinkedinWithCookie', () =>
    account.reconnectLinkedinWithCookie({ account_id, ...who.own_cookie }));
  const asked = await step('account.connectLinkedin (checkpoint)', () => account.connectLinkedin(who.checked));
  const solve = (code) =>
    account.solveCodeCheckpoint({ account_id: asked.account_id, provider: 'LINKEDIN', code });
  await step('account.solveCodeCheckpoint (wrong code)', () => solve('none'));
  const checks = await (await fetch(`${origin}/_sbx/checkpoints`)).json(); // the owner reads the code
  await step('account.solveCodeCheckpoint', () => solve(checks[checks.length - 1].code));
  await step('account.createHostedAuthLink', () =>
    account.createHostedAuthLink({ type: 'create', providers: ['LINKEDIN'], api_url: origin, expiresOn: who.tomorrow }));
  await step('account.resyncLinkedinAccount', () => account.resyncLinkedinAccount({ account_id }));
  await step('account.delete', () => account.delete(id));
}

async function people() {
  await step('users.getProfile', () =>
    users.getProfile({ account_id, identifier: who.stranger_slug, linkedin_sections: ['experience', 'skills'] }));
  await step('users.getProfile (all sections)', () =>
    users.getProfile({ account_id, identifier: who.friend, linkedin_sections: '*' }));
  await step('users.getOwnProfile', () => users.getOwnProfile(account_id));
  const first = await step('users.getAllRelations', () => users.getAllRelations({ account_id, limit: 2 }));
  await step('users.getAllRelations (cursor)', () =>
    users.getAllRelations({ account_id, limit: 2, cursor: first.cursor }));
  const made = await step('users.sendInvitation', () =>
    users.sendInvitation({ account_id, provider_id: who.stranger, message: 'Hello there' }));
  await step('users.getAllInvitationsSent', () => users.getAllInvitationsSent({ account_id, limit: 1 }));
  await step('users.cancelInvitationSent', () =>
    users.cancelInvitationSent({ account_id, invitation_id: made.invitation_id }));
  await step('users.getCompanyProfile', () => users.getCompanyProfile({ account_id, identifier: who.company }));
}

async function posts() {
  await step('users.getAllPosts', () => users.getAllPosts({ account_id, identifier: who.friend, limit: 5 }));
  await step('users.getPost', () => users.getPost({ account_id, post_id: who.post }));
  await step('users.sendPostComment', () =>
    users.sendPostComment({ account_id, post_id: who.post, text: 'Well said' }));
  await step('users.sendPostReaction', () =>
    users.sendPostReaction({ account_id, post_id: who.post, reaction_type: 'celebrate' }));
  await step('users.getAllPostComments', () => users.getAllPostComments({ account_id, post_id: who.post, limit: 1 }));
  await step('users.createPost', () => users.createPost({ account_id, text: 'My own post' }));
}

async function threads() {
  const file = ['note.txt', Buffer.from('a file')];
  const started = await step('messaging.startNewChat', () =>
    messaging.startNewChat({ account_id, text: 'Hello', attendees_ids: [who.friend], attachments: [file] }));
  await step('messaging.startNewChat (inmail)', () =>
    messaging.startNewChat({
      account_id,
      text: 'Hello',
      subject: 'A subject',
      attendees_ids: [who.stranger],
      options: { linkedin: { api: 'classic', inmail: true } },
    }));
  const group = await step('messaging.startNewChat (group)', () =>
    messaging.startNewChat({ account_id, text: 'Hello all', attendees_ids: [who.friend, who.other_friend] }));
  await step('messaging.getChat (group)', () => messaging.getChat(group.chat_id));
  await step('messaging.sendMessage (group)', () => messaging.sendMessage({ chat_id: group.chat_id, text: 'And you?' }));
  await step('messaging.getAllMessagesFromChat (group)', () =>
    messaging.getAllMessagesFromChat({ chat_id: group.chat_id }));
  await step('messaging.getAllAttendeesFromChat (group)', () => messaging.getAllAttendeesFromChat(group.chat_id));
  const { chat_id, message_id } = started;
  await step('messaging.getAllChats', () => messaging.getAllChats({ account_id, limit: 1 }));
  await step('messaging.getChat', () => messaging.getChat(chat_id));
  await step('messaging.sendMessage', () => messaging.sendMessage({ chat_id, text: 'And again' }));
  const said = await step('messaging.getAllMessagesFromChat', () =>
    messaging.getAllMessagesFromChat({ chat_id, limit: 1 }));
  await step('messaging.getAllMessagesFromChat (cursor)', () =>
    messaging.getAllMessagesFromChat({ chat_id, limit: 1, cursor: said.cursor }));
  await step('messaging.getAllAttendeesFromChat', () => messaging.getAllAttendeesFromChat(chat_id));
  const message = await step('messaging.getMessage', () => messaging.getMessage(message_id));
  await step('messaging.getAllMessages', () => messaging.getAllMessages({ account_id, limit: 5 }));
  const attendees = await step('messaging.getAllAttendees', () => messaging.getAllAttendees({ account_id }));
  const attendee_id = attendees.items.find((one) => one.provider_id === who.friend).id;
  await step('messaging.getAttendee', () => messaging.getAttendee(attendee_id));
  await step('messaging.getAllMessagesFromAttendee', () => messaging.getAllMessagesFromAttendee({ attendee_id }));
  await step('messaging.getAllChatsFromAttendee', () =>
    messaging.getAllChatsFromAttendee({ attendee_id: who.friend, account_id }));
  const content = await step('messaging.getMessageAttachment', () =>
    messaging.getMessageAttachment({ message_id, attachment_id: message.attachments[0].id }));
  outcomes['messaging.getMessageAttachment'].text = content && (await content.text());
  await step('messaging.setChatStatus', () => messaging.setChatStatus({ chat_id, action: 'setReadStatus', value: true }));
}

async function webhooks() {
  const made = await step('webhook.create', () =>
    webhook.create({ source: 'messaging', request_url: 'http://127.0.0.1:9/hook', name: 'sdk', format: 'json' }));
  await step('webhook.getAll', () => webhook.getAll());
  const users_hook = await step('webhook.create (users)', () =>
    webhook.create({ source: 'users', request_url: 'http://127.0.0.1:9/hook', events: ['new_relation'] }));
  await step('webhook.getAll (known fault: new_relation)', () => webhook.getAll());
  await step('webhook.delete', () => webhook.delete(made.webhook_id));
  if (users_hook) await webhook.delete(users_hook.webhook_id);
}

async function mails() {
  const mailbox = await step('account.connect (mailbox)', () => account.connect(who.mailbox));
  const id = mailbox.account_id;
  await step('account.getOne (mailbox)', () => account.getOne(id));
  await step('account.getAll (mailbox)', () => account.getAll({}));
  const letter = {
    account_id: id,
    to: [{ display_name: 'A friend', identifier: who.friend_email }],
    cc: [{ identifier: 'copy@elsewhere.test' }],
    bcc: [{ identifier: 'blind@elsewhere.test' }],
    from: { display_name: 'Mira', identifier: who.mailbox.imap_user },
    subject: 'A question',
    body: '<p>Hello</p>',
    custom_headers: [{ name: 'X-Campaign', value: 'one' }],
    tracking_options: { opens: true, label: 'one' },
    attachments: [['note.txt', Buffer.from('a file')]],
  };
  const sent = await step('email.send', () => email.send(letter));
  const { id: email_id, provider_id: email_provider_id } = sent;
  await step('email.send (answer)', () =>
    email.send({ account_id: id, to: letter.to, subject: 'Re: A question', body: 'Again', reply_to: email_id }));
  const first = await step('email.getAll', () => email.getAll({ account_id: id, limit: 1 }));
  await step('email.getAll (cursor)', () => email.getAll({ account_id: id, limit: 1, cursor: first.cursor }));
  await step('email.getAll (filters)', () =>
    email.getAll({ account_id: id, role: 'sent', folder: 'Sent', to: who.friend_email, before: who.tomorrow }));
  await step('email.getAll (meta)', () =>
    email.getAll({ account_id: id }, { extra_params: { meta_only: 'true', include_headers: 'true' } }));
  const folders = await step('email.getAllFolders', () => email.getAllFolders({ account_id: id }));
  const folder = folders.items.find((one) => one.role === 'sent');
  const { attachments } = await email.getOne(email_id);
  const attachment_id = attachments[0].id;
  const twice = {
    getOneFolder: [[folder.id], [folder.provider_id, id]],
    getEmailAttachment: [[{ email_id, attachment_id }], [{ email_provider_id, attachment_id, account_id: id }]],
    update: [[{ email_id, unread: true }], [{ email_provider_id, account_id: id, unread: true }]],
    getOne: [[email_id], [email_provider_id, id]],
    delete: [[first.items[0].id], [email_provider_id, id]],
  };
  for (const [name, [by_id, by_provider_id]] of Object.entries(twice)) {
    await step(`email.${name}`, () => email[name](...by_id));
    await step(`email.${name}.byId`, () => email[name].byId(...by_id)); // a second deletion empties the bin
    const last = await step(`email.${name}.byProviderId`, () => email[name].byProviderId(...by_provider_id));
    if (name === 'getOne') outcomes['email.getOne'].read_date = last.read_date;
    if (name === 'getEmailAttachment') outcomes['email.getEmailAttachment'].text = await last.text();
  }
  await step('account.reconnect (mailbox)', () => account.reconnect({ account_id: id, ...who.mailbox }));
}

// Networks the sandbox's world does not have: the client is told so.
async function elsewhere() {
  const login = { username: 'mira', email: 'mira@sandbox.test', password: 'pw' };
  for (const name of ['Whatsapp', 'Telegram', 'Instagram', 'Twitter', 'Messenger']) {
    const has_login = name !== 'Whatsapp' && name !== 'Telegram';
    await step(`account.connect${name}`, () => account[`connect${name}`](...(has_login ? [login] : [])));
    await step(`account.reconnect${name}`, () =>
      account[`reconnect${name}`](has_login ? { account_id, ...login } : account_id));
  }
}

// Everything the client can do, by its own word: `email.getOne` has two methods of its own besides.
function methods() {
  const found = [];
  for (const [name, resource] of Object.entries({ account, users, messaging, webhook, email })) {
    const shared = Object.getOwnPropertyNames(Object.getPrototypeOf(resource));
    for (const method of new Set([...shared, ...Object.keys(resource)])) {
      if (method === 'constructor' || method.startsWith('_') || typeof resource[method] !== 'function') continue;
      found.push(`${name}.${method}`);
      found.push(...Object.keys(resource[method]).map((one) => `${name}.${method}.${one}`));
    }
  }
  return found;
}

async function main() {
  for (const part of [accounts, people, posts, threads, webhooks, mails, elsewhere]) {
    try {
      await part();
    } catch (error) {
      outcomes[`${part.name}: ended early`] = { ok: false, error: String(error && error.stack) };
    }
  }
  console.log(JSON.stringify({ methods: methods(), outcomes }));
}

main();
