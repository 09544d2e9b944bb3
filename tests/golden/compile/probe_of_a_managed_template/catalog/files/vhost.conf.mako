tls ${probe.crt}
