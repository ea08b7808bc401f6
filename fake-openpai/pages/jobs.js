'use strict';

const STATE_LABELS = {
  WAITING: 'label-warning',
  RUNNING: 'label-primary',
  STOPPING: 'label-default',
  SUCCEEDED: 'label-success',
  FAILED: 'label-danger',
  STOPPED: 'label-default',
};

function cell(content) {
  const td = document.createElement('td');
  td.append(content);
  return td;
}

function stateLabel(state) {
  const label = document.createElement('span');
  label.className = `label ${STATE_LABELS[state]}`;
  label.textContent = state;
  return label;
}

// docs/contract.md#how-the-portal-loads-a-plugin: the plugin gets the job by these four.
function shareLink(job) {
  const query = new URLSearchParams({
    index: 0, op: 'resubmit', type: 'job', user: job.username, jobname: job.name,
  });
  const link = document.createElement('a');
  link.href = `/plugin.html?${query}`;
  link.textContent = 'Save as template';
  return link;
}

function jobLink(job) {
  const link = document.createElement('a');
  link.href = portal.jobPage(job.username, job.name);
  link.textContent = job.name;
  return link;
}

function row(job, dates) {
  const tr = document.createElement('tr');
  tr.append(
    cell(jobLink(job)),
    cell(job.username),
    cell(job.virtualCluster),
    cell(stateLabel(job.state)),
    cell(dates.format(job.submissionTime)),
    cell(shareLink(job)),
  );
  return tr;
}

async function showJobs() {
  const message = document.getElementById('jobs-message');
  try {
    const { totalCount, data } = await portal.call(
      '/api/v2/jobs?offset=0&limit=100&order=submissionTime,DESC&withTotalCount=true',
    );
    const dates = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });
    document.querySelector('#jobs tbody').append(...data.map((job) => row(job, dates)));
    document.getElementById('job-count').textContent = `${totalCount} in all`;
    document.getElementById('jobs').hidden = false;
    message.hidden = true;
  } catch (e) {
    portal.show(message, `The jobs could not be loaded. ${e.message}`);
  }
}

if (portal.requireSignIn()) showJobs();
