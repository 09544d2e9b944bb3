// The contents of one target's run, held in memory while it goes on.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "agent/host/content.hpp"
#include "proto/bytes.hpp"

namespace prove {

// Thread-safe.
class HeldContent final : public ContentSource {
  public:
    using Blobs = std::map<Hash, std::shared_ptr<const std::string>>;
    void add(const Blobs& blobs);
    std::string fetch(const Hash& hash) override;

  private:
    std::mutex mutex_;
    Blobs blobs_;
};

}  // namespace prove
