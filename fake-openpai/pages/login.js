'use strict';

const form = document.getElementById('login-form');
const error = document.getElementById('login-error');
const button = document.getElementById('login-button');

// Only a place on this very origin; anything else leads to the start page.
function destination() {
  const from = new URLSearchParams(location.search).get('from');
  if (!from) return '/';
  try {
    const url = new URL(from, location.origin);
    return url.origin === location.origin ? url.pathname + url.search + url.hash : '/';
  } catch {
    return '/';
  }
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  error.hidden = true;
  button.disabled = true;
  try {
    const response = await fetch('/api/v2/authn/basic/login', {
      method: 'POST',
      body: new URLSearchParams(new FormData(form)),
    });
    const body = await response.json();
    if (!response.ok) throw new Error(body.message);
    portal.signIn(body);
    location.assign(destination());
  } catch (e) {
    portal.show(error, e.message);
    button.disabled = false;
  }
});

document.querySelectorAll('[data-account]').forEach((account) => {
  account.addEventListener('click', () => {
    form.username.value = account.dataset.account;
    form.password.value = account.dataset.account;
    button.focus();
  });
});
