<%page args="name"/>\
${name}:
  - fn: file.managed
    path: ${name}
    content: x
