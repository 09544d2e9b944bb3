// What goes out, and when it goes out again.
#include <algorithm>
#include <utility>

#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "master/jobs/dispatch.hpp"

namespace prove {

namespace {

constexpr std::size_t list_limit = 256;          // S43
constexpr std::int64_t subscription_ms = 5'000;  // a new connection's subscription may take so long
constexpr std::int64_t cancel_again_ms = 2'000;

}  // namespace

// Announces what is ready: at once where nothing else is being prepared, else in lists as they fill up.
void Dispatch::announce(ActiveJob& job) {
    if (job.announce_boot_ms == 0) return;
    if (job.preparing > 0 && job.ready.size() < list_limit && boot() < job.announce_boot_ms) {
        impatient_ = true;
        return;
    }
    job.announce_boot_ms = 0;
    std::vector<KeyId> list;
    for (const auto& key : std::exchange(job.ready, {})) {
        auto& target = *job.target_of(key);
        if (target.row.phase != TargetPhase::waiting) continue;
        // Who is not connected learns of it in the welcome; whose subscription may not be up yet gets it at once.
        if (!connections_.connected(key)) continue;
        if (target.left) continue;  // it asked before it was ready
        if (connections_.is_fresh(key, boot(), subscription_ms))
            send_command(target);
        else
            list.push_back(key);
    }
    std::sort(list.begin(), list.end());
    for (std::size_t at = 0; at < list.size(); at += list_limit) {
        const auto end = std::min(list.size(), at + list_limit);
        announce_list(
            job, {list.begin() + static_cast<std::ptrdiff_t>(at), list.begin() + static_cast<std::ptrdiff_t>(end)});
    }
}

void Dispatch::announce_list(ActiveJob& job, const std::vector<KeyId>& keys) {
    Announcement announcement;
    announcement.kind = Announcement::Kind::job;
    announcement.job = job.row.id;
    announcement.audience = keys;
    Issue what;
    what.type = MessageType::announcement;
    what.kind = AudienceKind::list;
    what.list = keys;
    what.job = job.row.id;
    what.not_after_ms = job.row.not_after_ms;
    if (wall() >= job.row.not_after_ms) return;
    net_.publish(signer_.issue(what, with_audience_list(keys, write_json(to_value(announcement)))));
}

bool Dispatch::send_frames(const KeyId& key, const Frames& frames) {
    const auto route = connections_.route(key);
    if (!route) return false;
    if (net_.send(*route, frames)) return true;
    connections_.lost(key);
    return false;
}

bool Dispatch::send_to(const KeyId& key, const Issue& what, std::string payload) {
    if (!connections_.connected(key)) return false;  // and no sequence is spent on it
    return send_frames(key, signer_.issue(what, std::move(payload)));
}

bool Dispatch::send_command(ActiveTarget& target) {
    target.fetch_waits = false;
    if (!target.command || !send_frames(target.row.key, *target.command)) return false;
    target.left = true;
    return true;
}

void Dispatch::send_cancel(ActiveTarget& target) {
    target.cancel_boot_ms = boot() + cancel_again_ms;
    if (target.carried) return carrier_.stop(target.row.job, target.row.target, target.row.cancelled_by);
    Issue what;
    what.type = MessageType::cancel;
    what.kind = AudienceKind::agent;
    what.agent = target.row.key;
    what.job = target.row.job;
    send_to(target.row.key, what, write_json(to_value(Cancel{target.row.job, target.row.cancelled_by})));
}

void Dispatch::tick_target(ActiveJob& job, ActiveTarget& target) {
    if (target.carried) return tick_carried(job, target);
    if (!target.row.cancelled_by.empty() && tick_cancel(job, target)) return;
    if (target.row.phase == TargetPhase::running)
        tick_running(job, target);
    else
        tick_waiting(job, target);
}

// True where that has ended the target.
bool Dispatch::tick_cancel(ActiveJob& job, ActiveTarget& target) {
    if (boot() >= target.cancel_boot_ms) send_cancel(target);
    if (boot() < target.cancel_until_boot_ms) return false;
    if (target.row.phase == TargetPhase::running && connections_.connected(target.row.key)) return false;
    const std::string what = target.row.phase == TargetPhase::running
                                 ? ", but its agent is not connected: whether it stopped is not known"
                                 : " before its agent took it";
    end(job, target, TargetEnd::cancelled, "cancelled by " + target.row.cancelled_by + what);
    return true;
}

void Dispatch::tick_waiting(ActiveJob& job, ActiveTarget& target) {
    const bool connected = connections_.connected(target.row.key);
    if (wall() >= job.row.not_after_ms) {
        const auto life = show_duration(Milliseconds(job.row.not_after_ms - job.row.created_ms));
        if (!connected)
            end(job, target, TargetEnd::unreachable, "not connected; " + last_seen(target.row.key));
        else if (target.row.phase == TargetPhase::preparing)
            end(job, target, TargetEnd::expired, "its command was not ready within " + life);
        else
            end(job, target, TargetEnd::expired, "connected, but it did not take the job within " + life);
        return;
    }
    if (!connected && boot() - job.created_boot_ms >= job.row.wait_ms) {
        end(job, target, TargetEnd::unreachable,
            "not connected; " + last_seen(target.row.key) + "; waited " + show_duration(Milliseconds(job.row.wait_ms)));
        return;
    }
    if (!connected || !target.command || boot() < target.resend_boot_ms) return;
    send_command(target);
    target.resend_delay_ms *= 2;
    target.resend_boot_ms = boot() + target.resend_delay_ms;
}

// A job that was taken ends when its agent says so; an agent that is gone for good is given up long after.
void Dispatch::tick_running(ActiveJob& job, ActiveTarget& target) {
    const auto& key = target.row.key;
    if (const auto found = collecting_.find({key, job.row.id}); found != collecting_.end()) return;
    if (connections_.connected(key) || wall() < job.row.not_after_ms) return;
    const auto seen = connections_.seen(key);
    const auto last = std::max(seen ? seen->seen_ms : 0, target.row.accepted_ms);
    if (wall() - last < settings_.lost_after_ms) return;
    end(job, target, TargetEnd::unreachable, "it took the job and was not heard of since; " + last_seen(key));
}

std::string Dispatch::last_seen(const KeyId& key) const {
    auto seen = connections_.seen(key).value_or(Connections::Seen{}).seen_ms;
    if (seen == 0) seen = store_.agent(key).value_or(AgentRow{}).seen_ms;
    if (seen == 0) return "never seen";
    return "last seen " + show_duration(Milliseconds(std::max<std::int64_t>(0, wall() - seen))) + " ago";
}

void Dispatch::heartbeat() {
    next_heartbeat_boot_ms_ = boot() + settings_.heartbeat_ms;
    Heartbeat beat;
    beat.time_ms = wall();
    beat.keyset_version = keyset_.version;
    beat.audit_head = store_.audit_head().hex();
    Issue what;
    what.type = MessageType::heartbeat;
    what.kind = AudienceKind::all;
    const auto frames = signer_.issue(what, write_json(to_value(beat)));
    net_.publish(frames);
    // By ROUTER too: it shows an agent that this connection lives, and the master which ones do not.
    for (const auto& key : connections_.all_connected()) send_frames(key, frames);
}

// An agent that knows the job answers by saying once more that it runs or how it ended, and one that does not fetches it.
void Dispatch::ask_how_it_stands(const ActiveTarget& target) {
    Announcement announcement;
    announcement.kind = Announcement::Kind::job;
    announcement.job = target.row.job;
    Issue what;
    what.type = MessageType::announcement;
    what.kind = AudienceKind::agent;
    what.agent = target.row.key;
    what.job = target.row.job;
    send_to(target.row.key, what, write_json(to_value(announcement)));
}

// What agents said while the store was full was not taken. They say it again, but less and less often: where there is
// space again they are asked (P6: recovery in 10 s).
void Dispatch::ask_all_again() {
    for (auto& [id, job] : book_.all())
        for (auto& [name, target] : job.targets) {
            if (target.ended()) continue;
            target.resend_delay_ms = settings_.resend_ms;
            target.resend_boot_ms = boot();
            if (target.row.phase == TargetPhase::running) ask_how_it_stands(target);
        }
}

void Dispatch::ask_for_result(const KeyId& key, const Collecting& collecting) {
    const auto request = collecting.request();
    Issue what;
    what.type = MessageType::file_request;
    what.kind = AudienceKind::agent;
    what.agent = key;
    what.job = request.job;
    send_to(key, what, write_json(to_value(request)));
}

}  // namespace prove
