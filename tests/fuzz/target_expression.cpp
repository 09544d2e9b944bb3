// Target expressions: whatever the text is, it is matched or refused at a character of its own, in bounded time.
#include "fuzz.hpp"
#include "master/catalog/target_expression.hpp"

using namespace prove;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(fuzz::text_of(data, size));
    try {
        const auto expression = TargetExpression::parse(text);
        TargetView view;
        view.name = "web1.example.com";
        view.roles = {"webserver"};
        auto facts = Value::object();
        facts.set("os", Value::object()).set("family", "debian");
        view.facts = &facts;
        const bool once = expression.matches(view);
        fuzz::expect(expression.matches(view) == once, "matching twice gives the same");
        // Only what is longer than an expression may be could be refused now.
        if (text.size() < 4000) {
            fuzz::expect(TargetExpression::parse("(" + text + ")").matches(view) == once, "parentheses change nothing");
            fuzz::expect(TargetExpression::parse("not (" + text + ")").matches(view) != once, "not turns it round");
        }
    } catch (const ExpressionError& error) {
        fuzz::expect(error.offset() <= text.size(), "the place is within the expression");
        fuzz::expect(!error.message().empty(), "an error has words");
    }
    return 0;
}
