// The table of message types: what holds for all of them together.
#include <catch2/catch.hpp>

#include "proto/message_rules.hpp"

using namespace prove;

TEST_CASE("S44 every type from 1 on has a line of its own, in the order of the numbers", "[rules]") {
    int types = 0;
    for (int number = 1; rules_of(static_cast<std::uint8_t>(number)) != nullptr; ++number) {
        const auto& rules = *rules_of(static_cast<std::uint8_t>(number));
        CHECK(static_cast<int>(rules.type) == number);
        CHECK(std::string(name_of(rules.type)) == rules.name);
        CHECK(payload_limit(rules.type) == rules.most_bytes);
        CHECK(lifetime_limit_ms(rules.type) == rules.most_lifetime_ms);
        ++types;
    }
    CHECK(types == static_cast<int>(MessageType::schedules));
    CHECK(rules_of(0) == nullptr);
    CHECK(rules_of(255) == nullptr);
}

TEST_CASE("S44 every type can come from somebody, by some socket, and ends within a week", "[rules]") {
    for (int number = 1; number <= static_cast<int>(MessageType::schedules); ++number) {
        const auto& rules = *rules_of(static_cast<std::uint8_t>(number));
        INFO(rules.name);
        CHECK((rules.from_master || rules.from_agent));
        CHECK((rules.on_main || rules.on_enrol));
        CHECK(rules.most_lifetime_ms <= 7LL * 24 * 3600 * 1000);
        CHECK(rules.most_bytes <= 512u << 10);
    }
}

TEST_CASE("S7 what goes to many, or by the publishing socket, is never sealed and at most a small body", "[rules]") {
    for (int number = 1; number <= static_cast<int>(MessageType::schedules); ++number) {
        const auto& rules = *rules_of(static_cast<std::uint8_t>(number));
        INFO(rules.name);
        CHECK(rules.to_many == rules.on_publish);
        if (rules.to_many) CHECK(rules.from_master);
        if (rules.to_many) CHECK(rules.sealing == MessageRules::Sealing::never);
    }
}

TEST_CASE("S26 what enrols goes by the enrolment socket, and nothing else does", "[rules]") {
    for (int number = 1; number <= static_cast<int>(MessageType::schedules); ++number) {
        const auto& rules = *rules_of(static_cast<std::uint8_t>(number));
        const bool enrols = rules.type == MessageType::enrol_request || rules.type == MessageType::enrol_reply;
        INFO(rules.name);
        CHECK(rules.on_enrol == enrols);
        CHECK(rules.on_main != enrols);
    }
}
