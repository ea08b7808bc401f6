'use strict';

// The page of a job. Its Clone leads to the plugin that the job came from, if the
// portal has that (docs/contract.md#1-the-portal-and-pluginjs).

async function text(path) {
  const response = await fetch(path, { headers: { Authorization: `Bearer ${portal.token}` } });
  if (!response.ok) throw new Error(response.statusText);
  return response.text();
}

async function cloneAddress(config, user, jobname) {
  const from = /\bsubmitFrom"?: *"?([\w-]+)/.exec(config)?.[1];
  const plugins = await (await fetch('/plugins.json')).json();
  const index = plugins.findIndex(({ id }) => id === from);
  if (index < 0) return null;
  return `/plugin.html?${new URLSearchParams({ op: 'resubmit', type: 'job', user, jobname, index })}`;
}

async function showJob() {
  const query = new URLSearchParams(location.search);
  const [user, name] = [query.get('username'), query.get('jobName')];
  const message = document.getElementById('job-message');
  const path = `/api/v2/jobs/${encodeURIComponent(`${user}~${name}`)}`;
  try {
    const [{ jobStatus }, config] = await Promise.all([portal.call(path), text(`${path}/config`)]);
    document.getElementById('job-name').textContent = name;
    document.getElementById('job-state').textContent = jobStatus.state;
    document.getElementById('job-cluster').textContent = jobStatus.virtualCluster;
    document.getElementById('job-config').textContent = config;
    const clone = document.getElementById('job-clone');
    const address = await cloneAddress(config, user, name);
    if (address) {
      clone.href = address;
      portal.show(clone);
    }
    document.getElementById('job').hidden = false;
    message.hidden = true;
  } catch (e) {
    portal.show(message, `The job could not be loaded. ${e.message}`);
  }
}

if (portal.requireSignIn()) showJob();
