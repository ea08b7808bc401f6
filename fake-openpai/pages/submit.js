'use strict';

const byId = (id) => document.getElementById(id);

// docs/contract.md#use: the marketplace leaves the protocol here, and it is read once.
function takeTemplate() {
  const text = localStorage.getItem('marketItem');
  localStorage.removeItem('marketItem');
  return text;
}

function newName(name) {
  const suffix = Array.from(crypto.getRandomValues(new Uint8Array(4)), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${String(name ?? 'job').slice(0, 255 - suffix.length - 1)}_${suffix}`;
}

function describe(role, task, prerequisites) {
  const box = byId('task-role-template').content.cloneNode(true).firstElementChild;
  const image = prerequisites.find(({ type, name }) => type === 'dockerimage' && name === task.dockerImage);
  const { cpu, memoryMB, gpu, ports } = task.resourcePerInstance ?? {};
  const fields = {
    role,
    image: image?.uri ?? task.dockerImage,
    instances: task.instances ?? 1,
    resources: `${gpu} GPU, ${cpu} CPU, ${memoryMB} MB memory`,
    ports: Object.entries(ports ?? {}).map(([name, count]) => `${name}: ${count}`).join(', ') || 'none',
    commands: (task.commands ?? []).join('\n'),
  };
  box.dataset.role = role;
  box.querySelectorAll('[data-field]').forEach((field) => {
    field.textContent = fields[field.dataset.field];
  });
  return box;
}

function showJob(protocol) {
  const name = byId('job-name');
  const update = () => {
    protocol.name = name.value;
    byId('protocol').textContent = JSON.stringify(protocol, null, 2);
  };
  name.value = newName(protocol.name);
  name.addEventListener('input', update);
  update();
  byId('task-roles').append(
    ...Object.entries(protocol.taskRoles).map(([role, task]) => describe(role, task, protocol.prerequisites ?? [])),
  );
  byId('submit-job').addEventListener('click', () => submit(protocol));
  byId('job').hidden = false;
}

async function submit(protocol) {
  const message = byId('submit-message');
  if (!byId('job-name').reportValidity()) return;
  byId('submit-job').disabled = true;
  portal.show(message, 'Submitting…');
  try {
    await portal.call('/api/v2/jobs', {
      method: 'POST',
      headers: { 'Content-Type': 'text/yaml' },
      body: JSON.stringify(protocol),
    });
    location.assign('/jobs.html');
  } catch (e) {
    portal.show(message, `The job was not submitted. ${e.message}`);
    byId('submit-job').disabled = false;
  }
}

function showTemplate() {
  const text = takeTemplate();
  if (text === null) {
    portal.show(byId('no-template'));
    return;
  }
  try {
    const protocol = JSON.parse(text);
    if (typeof protocol?.taskRoles !== 'object') throw new Error('it has no task roles');
    showJob(protocol);
  } catch (e) {
    portal.show(byId('bad-template'), `The template cannot be used: ${e.message}.`);
  }
}

if (portal.requireSignIn()) showTemplate();
