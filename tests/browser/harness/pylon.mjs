// nginx with the rules that OpenPAI's pylon has for the marketplace.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes the configuration of an nginx at `address`, and answers where it is. Like
 * pylon on https, it takes bodies of 1 MiB at most.
 */
export function pylonConfiguration(folder, address, { portal, api, webportal }) {
  const place = (name) => join(folder, name);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${place(kind)};`,
  );
  const path = place('nginx.conf');
  // Its workers are whoever the test is: nobody else may enter the folder.
  const user = process.getuid() === 0 ? 'user root;' : '';
  writeFileSync(
    path,
    `${user} daemon off; pid ${place('nginx.pid')}; worker_processes 1;
    events { worker_connections 512; }
    http {
      access_log off;
      ${temporary.join('\n      ')}
      server {
        listen ${new URL(address).host};
        client_max_body_size 1m;
        location ~ ^/marketplace(/api)?$ { return 301 $uri/; }
        location ~ ^/marketplace/api/(.*)$ { proxy_pass ${api}/$1$is_args$args; }
        location ~ ^/marketplace/(.*)$ { proxy_pass ${webportal}/$1; }
        location / { proxy_pass ${portal}; }
      }
    }
`,
  );
  return path;
}
