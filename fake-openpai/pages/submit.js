'use strict';

const byId = (id) => document.getElementById(id);

// docs/contract.md#use: the marketplace leaves the protocol here, and it is read once.
function takeTemplate() {
  const text = localStorage.getItem('marketItem');
  localStorage.removeItem('marketItem');
  return text;
}

const hex = (number, digits) => number.toString(16).padStart(digits, '0').slice(-digits);

/** Two digits that tell a suffix of this page's from letters that only look like one. */
const checksum = (time) => hex([...time].reduce((sum, digit) => sum + Number.parseInt(digit, 16), 0), 2);

/** The name with a suffix made of the time, in place of an older one. */
function newName(name) {
  const old = /^(.*)_([0-9a-f]{6})([0-9a-f]{2})$/.exec(String(name ?? 'job'));
  const stem = old && checksum(old[2]) === old[3] ? old[1] : String(name ?? 'job');
  const time = hex(Math.floor(Date.now() / 1000), 6);
  return `${stem.slice(0, 246)}_${time}${checksum(time)}`;
}

/**
 * What the real page makes of a template (docs/contract.md#1-the-portal-and-pluginjs): it knows its virtual
 * clusters too late, has no place for secrets, and reads no SKUs of templates.
 */
function lose(protocol, isHived) {
  const { secrets, version, ...rest } = protocol;
  const { submitFrom, ...extras } = rest.extras ?? {};
  const kept = structuredClone({ ...rest, extras });
  kept.defaults = { ...kept.defaults, virtualCluster: 'default' };
  for (const prerequisite of kept.prerequisites ?? []) delete prerequisite.auth;
  for (const role of Object.values((isHived && kept.extras.hivedScheduler?.taskRoles) || {})) delete role.skuType;
  return kept;
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
    location.assign(portal.jobPage(portal.user, protocol.name));
  } catch (e) {
    portal.show(message, `The job was not submitted. ${e.message}`);
    byId('submit-job').disabled = false;
  }
}

async function showTemplate() {
  const text = takeTemplate();
  if (text === null) {
    portal.show(byId('no-template'));
    return;
  }
  try {
    const protocol = JSON.parse(text);
    if (typeof protocol?.taskRoles !== 'object') throw new Error('it has no task roles');
    const skus = await portal.call('/api/v2/cluster/sku-types');
    showJob(lose(protocol, Object.keys(skus).length > 0));
  } catch (e) {
    portal.show(byId('bad-template'), `The template cannot be used: ${e.message}.`);
  }
}

if (portal.requireSignIn()) showTemplate();
