"""Drift made by hand on real hosts is found, called by its name, mended by the next apply, and shown for the fleet."""
import json
import unittest

from fleet_hosts import FleetCase, needs_hosts
from harness import until
from reports import changed, outcomes, report_of

MOTD = "kept by Prove\n"


@needs_hosts
class Drift(FleetCase):
    hosts = 2
    catalog = "drift"

    def states(self, verb, expression="h*"):
        done = self.master.cli("--output", "json", "states", verb, expression)
        return {host: report_of(done, host) for host in ("h1", "h2")}

    def causes(self, report):
        return {invocation["state"]: invocation["cause"] for invocation in report["invocations"] if invocation.get("changed")}

    def drift(self, *words):
        return json.loads(self.master.cli("--output", "json", "drift", *words).out)

    def standing(self, host):
        return next(target for target in self.drift()["targets"] if target["target"] == host)

    def test_1_the_first_apply_is_intended_and_leaves_the_hosts_converged(self):
        self.assertEqual("unknown", self.standing("h1")["standing"])
        for report in self.states("apply").values():
            self.assertEqual({"motd": "intended", "told": "intended"}, self.causes(report))
        self.assertEqual({"converged": 2}, self.drift()["counts"])
        self.assertEqual([], self.drift()["drift"])

    def test_2_what_is_moved_by_hand_is_found_by_a_plan_and_mended_by_an_apply(self):
        since = self.standing("h2")["since_ms"]
        self.fleet.write("h1", "/etc/motd", "by hand\n")
        self.fleet.shell("h1", "systemctl stop cron")
        planned = self.states("plan")
        self.assertEqual({"motd": "drift", "told": "drift", "cron": "drift"}, self.causes(planned["h1"]))
        self.assertEqual([], changed(planned["h2"]))
        self.assertEqual("differs", self.standing("h1")["standing"])
        found = {entry["state"]: entry for entry in self.drift()["drift"]}
        self.assertEqual({"motd", "cron"}, set(found), "a reload is no drift in itself")
        self.assertEqual(["open"], [target["end"] for target in found["motd"]["targets"]])

        applied = self.states("apply")["h1"]
        self.assertEqual({"motd": "drift", "told": "drift", "cron": "drift"}, self.causes(applied))
        self.assertEqual(MOTD, self.fleet.read("h1", "/etc/motd"))
        self.fleet.exec("h1", "systemctl", "is-active", "cron")
        self.assertEqual("converged", self.standing("h1")["standing"])
        self.assertEqual(since, self.standing("h2")["since_ms"], "nothing moved there")
        shown = self.master.cli("drift").out
        self.assertIn("2 targets: 2 converged", shown)
        self.assertIn("h1: mended, found", shown)
        self.assertIn("|-by hand", shown)

    def test_3_the_same_drift_of_several_hosts_is_one(self):
        for host in ("h1", "h2"):
            self.fleet.write(host, "/etc/motd", "same everywhere\n")
        self.states("apply")
        found = self.drift()["drift"]
        self.assertEqual([["h1", "h2"]], [[target["target"] for target in entry["targets"]] for entry in found])

    def test_4_another_wish_is_intended_though_the_host_moved_too(self):
        self.fleet.write("h1", "/etc/motd", "by hand\n")
        site = self.master.catalog / "states/site.yml"
        site.write_text(site.read_text().replace("kept by Prove", "kept as ever"))
        until(lambda: {"motd": "intended", "told": "intended"} == self.causes(self.states("plan")["h1"]), 20, "the new catalog")
        for report in self.states("apply").values():
            self.assertEqual({"motd": "intended", "told": "intended"}, self.causes(report))
            self.assertNotIn("failed", dict(outcomes(report)).values())

    def test_5_what_moves_again_and_again_and_who_is_away_is_told(self):
        for number in range(3):
            self.fleet.write("h1", "/etc/motd", f"by hand, time {number}\n")
            self.states("apply")
        unsteady = {entry["state"]: [target["target"] for target in entry["targets"]] for entry in self.drift()["unsteady"]}
        self.assertEqual({"motd": ["h1"]}, unsteady)
        self.fleet.shell("h2", "systemctl stop prove-agent")
        silent = until(lambda: self.drift("h2")["silent"], 90, "h2 is missed")
        self.assertEqual([("h2", "disconnected")], [(target["target"], target["status"]) for target in silent])
        self.assertGreater(silent[0]["seen_ms"], 0)


if __name__ == "__main__":
    unittest.main()
