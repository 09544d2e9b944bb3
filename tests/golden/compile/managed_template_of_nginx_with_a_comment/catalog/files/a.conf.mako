server {
    ## the port
    listen 80;
}
