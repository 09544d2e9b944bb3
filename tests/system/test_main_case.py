"""The case that Prove is made for (docs/catalog.md, "Running a state more than once"), on real hosts, through master and
agent: a vhost, a reload, a certificate that can only be had once nginx answers for the domain, the vhost with TLS, a reload.
"""
import unittest

from fleet_hosts import FleetCase, needs_hosts
from harness import until
from reports import changed, outcomes, report_of

DOMAIN = "shop.example"
VHOST = f"/etc/nginx/sites-enabled/{DOMAIN}.conf"
CERTIFICATE = f"/etc/ssl/{DOMAIN}.pem"
ALL_STEPS = ("nginx", "page", "request_certificate", "vhost", "nginx_reload", "certificate", "vhost", "nginx_reload")

# Counts the reloads that systemd does, and is the test's power cut in the middle of one: the agent is gone, nothing is
# reloaded, nobody was told.
RELOAD = """#!/bin/sh
if [ -e /run/kill-agent-at-reload ]; then
    rm /run/kill-agent-at-reload
    systemctl kill --signal=KILL prove-agent.service
    exit 1
fi
echo reload >>/var/log/reloads
exec /usr/sbin/nginx -s reload
"""


@needs_hosts
class TheMainCase(FleetCase):
    hosts = 3
    catalog = "site"

    @classmethod
    def join(cls, host):
        super().join(host)
        cls.fleet.write(host, "/usr/local/sbin/counted-reload", RELOAD, "0755")
        cls.fleet.write(host, "/etc/systemd/system/nginx.service.d/count.conf",
                        "[Service]\nExecReload=\nExecReload=/usr/local/sbin/counted-reload\n")
        cls.fleet.shell(host, "systemctl daemon-reload; systemctl stop nginx")

    def states(self, verb, host, check=True):
        done = self.master.cli("--output", "json", "states", verb, host, check=check)
        return report_of(done, host)

    def tree(self, host):
        return self.fleet.tree(host, "/var/lib/prove-agent", "/var/lib/prove/ledger", "/var/log/journal", "/var/lib/systemd")

    def plan_touches_nothing(self, host):
        before = self.tree(host)
        report = self.states("plan", host)
        self.assertEqual(before, self.tree(host), "a plan touches nothing")
        return report

    def lines(self, host, path):
        return len(self.fleet.shell(host, f"cat {path} 2>/dev/null || true").out.splitlines())

    def page(self, host):
        """The page over HTTPS, its certificate checked against the one that was made."""
        return self.fleet.exec(host, "curl", "--silent", "--show-error", "--cacert", CERTIFICATE, "--resolve",
                               f"{DOMAIN}:443:127.0.0.1", f"https://{DOMAIN}/", check=False)

    def assert_serves_tls(self, host):
        done = until(lambda: (lambda page: page if page.code == 0 else None)(self.page(host)), 10, "nginx serves the page")
        self.assertIn(f"Served by {host}, kept by Prove.", done.out)

    def assert_converged(self, host):
        """A second apply, and a plan after it, do nothing."""
        reloads, asked = self.lines(host, "/var/log/reloads"), self.lines(host, "/var/log/certificates")
        before = self.tree(host)
        self.assertEqual({"ok"}, {outcome for _, outcome in outcomes(self.states("apply", host))})
        self.assertEqual([], changed(self.states("plan", host)))
        self.assertEqual(before, self.tree(host))
        self.assertEqual((reloads, asked), (self.lines(host, "/var/log/reloads"), self.lines(host, "/var/log/certificates")))

    def apply_and_die(self, host, moment):
        """An apply whose agent, with all it started, is killed at `moment`. Gives the job's end as the operator sees it."""
        self.fleet.exec(host, "touch", f"/run/kill-agent-{moment}")
        done = self.master.cli("--output", "json", "states", "apply", host, check=False)
        self.assertEqual(4, done.code, done)
        self.fleet.exec(host, "test", "!", "-e", f"/run/kill-agent-{moment}")
        job = done.lines()[0]["job"]
        shown = self.master.cli("jobs", "show", job, check=False).out
        self.assertIn("interrupted", shown)
        ends = [line["end"] for line in done.lines() if line["event"] == "result"]
        self.assertEqual(["interrupted"], ends)
        until(lambda: self.master.cli("ping", host, check=False).code == 0, 20, f"{host} answers again")

    def test_plan_apply_apply_again(self):
        planned = self.plan_touches_nothing("h1")
        self.assertEqual([(state, "would_change") for state in ALL_STEPS], outcomes(planned))

        applied = self.states("apply", "h1")
        self.assertEqual([(state, "changed") for state in ALL_STEPS], outcomes(applied),
                         "the apply does what the plan said, in its order")
        self.assertEqual(["cert=false", "cert=true"], [probe for invocation in applied["invocations"]
                                                       for probe in invocation.get("probes", [])])
        self.assert_serves_tls("h1")
        self.assertEqual(2, self.lines("h1", "/var/log/reloads"))
        self.assertEqual(1, self.lines("h1", "/var/log/certificates"))
        self.assert_converged("h1")

    def test_killed_between_the_first_vhost_and_its_reload_the_next_run_reloads_first(self):
        self.apply_and_die("h2", "at-reload")
        self.assertNotIn("ssl", self.fleet.read("h2", VHOST))
        self.assertEqual(0, self.lines("h2", "/var/log/reloads"))
        self.assertNotEqual(0, self.fleet.exec("h2", "test", "-e", CERTIFICATE, check=False).code)

        self.assertIn(("nginx_reload", "would_change"), outcomes(self.plan_touches_nothing("h2")), "a plan shows what is owed")
        applied = self.states("apply", "h2")
        self.assertEqual([("nginx", "ok"), ("page", "ok"), ("request_certificate", "ok"), ("vhost", "ok"),
                          ("nginx_reload", "changed"), ("certificate", "changed"), ("vhost", "changed"),
                          ("nginx_reload", "changed")], outcomes(applied), "what was owed is paid before the certificate")
        self.assert_serves_tls("h2")
        self.assertEqual((2, 1), (self.lines("h2", "/var/log/reloads"), self.lines("h2", "/var/log/certificates")))
        self.assert_converged("h2")

    def test_killed_after_the_certificate_the_next_run_writes_the_vhost_once_and_reloads_once(self):
        self.apply_and_die("h3", "after-certificate")
        self.fleet.exec("h3", "test", "-e", CERTIFICATE)
        self.assertNotIn("ssl", self.fleet.read("h3", VHOST))
        self.assertEqual(1, self.lines("h3", "/var/log/reloads"))

        self.plan_touches_nothing("h3")
        applied = self.states("apply", "h3")
        self.assertEqual(1, outcomes(applied).count(("vhost", "changed")), outcomes(applied))
        self.assertEqual(1, outcomes(applied).count(("nginx_reload", "changed")), outcomes(applied))
        self.assert_serves_tls("h3")
        self.assertEqual((2, 1), (self.lines("h3", "/var/log/reloads"), self.lines("h3", "/var/log/certificates")))
        self.assert_converged("h3")


if __name__ == "__main__":
    unittest.main()
