server {
    listen ${prot};
    name ${vars.domain};
}
