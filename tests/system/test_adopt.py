"""init and adopt on a real host: what a host has is written down, and a plan of it finds nothing to change."""
import json
import unittest

from fleet_hosts import Fleet, needs_hosts, packages

CATALOG = "/srv/catalog"


@needs_hosts
class Adopt(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fleet = Fleet(1)
        cls.addClassCleanup(cls.fleet.down)
        cls.fleet.push("h1", packages(), "/srv/prove")
        cls.fleet.shell("h1", "apt-get install -qy /srv/prove/prove-cli_*.deb nginx-light >/dev/null 2>&1", timeout=300)
        cls.fleet.shell("h1", "useradd -m -s /bin/bash -G www-data anna; passwd -l anna; "
                        "sed -i 's/worker_connections 768/worker_connections 512/' /etc/nginx/nginx.conf; "
                        "mkdir -p /srv/app/bin; printf '#!/bin/sh\\n' > /srv/app/bin/run; chmod 750 /srv/app/bin/run; "
                        "chown anna:www-data /srv/app/bin/run; ln -s bin/run /srv/app/run; printf 'x${y}\\n' > /srv/app/t.mako")

    def cli(self, command, check=True):
        return self.fleet.shell("h1", f"prove-cli --catalog {CATALOG} --here {command}", check=check, timeout=300)

    def planned(self):
        lines = self.cli("--output json states plan '*'").out.splitlines()
        return [json.loads(line) for line in lines][-1]

    def test_a_plan_of_what_was_adopted_says_0_changes(self):
        self.fleet.shell("h1", f"rm -rf {CATALOG}; prove-cli init {CATALOG}; rm {CATALOG}/states/* {CATALOG}/files/* {CATALOG}/groups.yml; "
                         f"sed -i 's/, *states:.*//; /states:/d' {CATALOG}/targets.yml; "
                         f"sed -i '/^variables/,$d' {CATALOG}/prove.yml")
        name = self.cli("targets --output json").out
        host = json.loads(name.splitlines()[0])["name"]
        self.cli(f"adopt {host}")
        written = self.fleet.shell("h1", f"cat {CATALOG}/states/adopted/*").out
        for expected in ("- nginx-light", "user anna:", "service nginx:", "/etc/nginx/nginx.conf:"):
            self.assertIn(expected, written)
        self.cli("check")
        self.assertEqual(self.cli("states plan '*' --detailed-exit-code", check=False).code, 0)

        # And it is worth something: what is broken afterwards is found, and mended.
        self.fleet.shell("h1", "userdel anna; echo >> /etc/nginx/nginx.conf; systemctl stop nginx")
        plan = self.cli("states plan '*' --detailed-exit-code", check=False)
        self.assertEqual(plan.code, 6)
        for expected in ("user anna", "/etc/nginx/nginx.conf", "service nginx"):
            self.assertIn(expected, plan.out)
        self.cli("states apply '*'")
        self.assertEqual(self.cli("states plan '*' --detailed-exit-code", check=False).code, 0)
        self.assertIn("worker_connections 512", self.fleet.shell("h1", "cat /etc/nginx/nginx.conf").out)

    def test_files_that_are_named_are_adopted_with_links_modes_and_owners_and_are_no_templates(self):
        self.fleet.shell("h1", f"rm -rf {CATALOG}; prove-cli init {CATALOG}")
        host = json.loads(self.cli("targets --output json").out.splitlines()[0])["name"]
        self.cli(f"adopt {host} --file /srv/app --service cron --package 'nginx*' --user anna")
        self.fleet.shell("h1", "cp -a /srv/app /srv/before; rm -rf /srv/app")
        self.cli("states apply '*' --state '/srv/app*'")
        self.fleet.shell("h1", "diff -r --no-dereference /srv/before /srv/app; "
                         "test \"$(cd /srv/before; find . -printf '%p %m %u %g %l\\n' | sort)\" = "
                         "\"$(cd /srv/app; find . -printf '%p %m %u %g %l\\n' | sort)\"")
        again = self.cli(f"adopt {host} --file /srv/app", check=False)
        self.assertEqual(again.code, 2)
        self.assertIn("nothing is overwritten", again.err)


if __name__ == "__main__":
    unittest.main()
