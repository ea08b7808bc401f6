// Protocols that the tests share with the catalogue.

/** A valid protocol. */
export const protocol = (name = 'share-me') => `protocolVersion: 2
name: ${name}
type: job
description: Says hello and goes.
prerequisites:
  - name: image
    type: dockerimage
    uri: ubuntu:22.04
taskRoles:
  main:
    instances: 2
    dockerImage: image
    resourcePerInstance: {cpu: 3, memoryMB: 2048, gpu: 1, ports: {web: 1}}
    commands:
      - echo hello
`;
