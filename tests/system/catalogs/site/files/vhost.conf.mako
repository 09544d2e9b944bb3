server {
    server_name ${vars.domain};
    listen 80;
% if tls:
    listen 443 ssl;
    ssl_certificate /etc/ssl/${vars.domain}.pem;
    ssl_certificate_key /etc/ssl/${vars.domain}.pem;
% endif
    root /srv/${vars.domain};
    location = /.well-known/whose { return 200 "$server_name"; }
}
