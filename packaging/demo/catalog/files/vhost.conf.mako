# Managed by Prove: ${target.name} as ${", ".join(target.roles)}
server {
    server_name ${vars.domain};
% if tls:
    listen 443 ssl;
    ssl_certificate ${vars.root}/tls/${vars.domain}.pem;
% else:
    listen 80;
% endif
    root ${vars.root}/www;
}
