'use strict';

// What every page needs: who is signed in, the sidebar's toggle, REST calls.
// The cookies are the contract between the login and everything else.
const COOKIES = ['token', 'user', 'admin'];
const SEVEN_DAYS = 7 * 24 * 60 * 60;

function readCookie(name) {
  const pair = document.cookie.split('; ').find((text) => text.startsWith(`${name}=`));
  return pair ? decodeURIComponent(pair.slice(name.length + 1)) : null;
}

function writeCookie(name, value, lifetimeInSeconds) {
  document.cookie = `${name}=${encodeURIComponent(value)}; Path=/; Max-Age=${lifetimeInSeconds}; SameSite=Lax`;
}

const portal = {
  user: readCookie('user'),
  token: readCookie('token'),

  signIn({ user, token, admin }) {
    writeCookie('token', token, SEVEN_DAYS);
    writeCookie('user', user, SEVEN_DAYS);
    writeCookie('admin', admin, SEVEN_DAYS);
  },

  signOut() {
    COOKIES.forEach((name) => writeCookie(name, '', 0));
  },

  // Sends whoever is not signed in to the login page, which leads back here.
  // Returns whether the page may go on.
  requireSignIn() {
    if (portal.token) return true;
    const here = location.pathname + location.search + location.hash;
    location.replace(`/login.html?from=${encodeURIComponent(here)}`);
    return false;
  },

  // Calls the REST server; an error carries the server's own message.
  async call(path, options = {}) {
    const headers = { Authorization: `Bearer ${portal.token}`, ...options.headers };
    const response = await fetch(path, { ...options, headers });
    if (response.status === 401) {
      portal.signOut();
      portal.token = null;
      portal.requireSignIn();
    }
    const text = await response.text();
    if (response.ok) return JSON.parse(text);
    // 429 is plain text.
    let message = text;
    try {
      message = JSON.parse(text).message;
    } catch {}
    throw new Error(message);
  },

  jobPage(username, jobName) {
    return `/job-detail.html?${new URLSearchParams({ username, jobName })}`;
  },

  show(element, text) {
    if (text !== undefined) element.textContent = text;
    element.hidden = false;
  },
};

function wireHeader() {
  const signedIn = Boolean(portal.user && portal.token);
  document.querySelectorAll('[data-signed-in]').forEach((element) => { element.hidden = !signedIn; });
  document.querySelectorAll('[data-signed-out]').forEach((element) => { element.hidden = signedIn; });
  document.getElementById('user-name').textContent = portal.user ?? '';
  document.getElementById('sign-out').addEventListener('click', portal.signOut);
}

function wireSidebar() {
  const narrow = matchMedia('(max-width: 767px)');
  document.getElementById('sidebar-toggle').addEventListener('click', () => {
    document.body.classList.toggle(narrow.matches ? 'sidebar-open' : 'sidebar-collapse');
  });
  const path = location.pathname === '/' ? '/index.html' : location.pathname;
  document.querySelectorAll('.sidebar-menu a').forEach((link) => {
    if (link.pathname !== path) return;
    link.setAttribute('aria-current', 'page');
    link.parentElement.classList.add('active');
  });
}

if (document.getElementById('sidebar-toggle')) {
  wireHeader();
  wireSidebar();
}
