// A carrier that remembers what it is told; tests tell dispatch what becomes of it.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "master/jobs/carrier.hpp"

namespace prove::test {

class FakeCarrier final : public Carrier {
  public:
    void carry(Errand errand) override { errands.push_back(std::move(errand)); }
    void stop(const JobId& job, const TargetId& target, const std::string& why) override {
        stopped[{job, target.text()}] = why;
    }
    // As its process does when it ends.
    void forget() {
        errands.clear();
        stopped.clear();
    }
    // Whom it was to reach since then, in order.
    std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const auto& errand : errands) names.push_back(errand.target.text());
        return names;
    }

    std::vector<Errand> errands;
    std::map<std::pair<JobId, std::string>, std::string> stopped;
};

}  // namespace prove::test
