// How things go wrong. An Error is thrown where this piece of work cannot go on and is caught at a boundary (one part,
// one message, one request, main). What is wrong with a catalog is gathered in Diagnostics, since all of it is shown.
// Wording: lower case, no final stop, the user's words in quotes, what was expected and what was found, what to do.
#pragma once

#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "proto/position.hpp"

namespace prove {

// What code does next depends on the kind; the text is for people.
enum class ErrorKind {
    internal,     // a fault of Prove's own
    usage,        // the command line or a request is wrong
    catalog,      // the catalog is wrong
    invalid,      // input from outside is malformed, too long or not allowed
    missing,      // something that should exist does not: a file, a package, a unit, an account
    refused,      // not permitted, not accepted, not safe
    unavailable,  // a peer, a service or a resource is not there now
    full,         // no space, quota or limit reached
    timeout,      // not done within its time
    held,         // it needs the master, which cannot be asked now: what a run cannot do for that is held, not failed
    cancelled,    // somebody cancelled it
    failed,       // a command or an operation on a host failed
};
const char* name_of(ErrorKind kind);

class Error : public std::exception {
  public:
    Error(ErrorKind kind, std::string text) : kind_(kind), text_(std::move(text)) {}
    Error(ErrorKind kind, SourcePosition position, std::string text)
        : kind_(kind), text_(std::move(text)), position_(std::move(position)) {}

    ErrorKind kind() const { return kind_; }
    const std::string& text() const { return text_; }
    const SourcePosition& position() const { return position_; }
    // The story, innermost first: "while compiling for target 'web1'".
    const std::vector<std::string>& contexts() const { return contexts_; }
    void add_context(std::string context) { contexts_.push_back(std::move(context)); }
    // The text alone.
    const char* what() const noexcept override { return text_.c_str(); }
    // Position, text and contexts, one line each.
    std::string full_text() const;

  private:
    ErrorKind kind_;
    std::string text_;
    SourcePosition position_;
    std::vector<std::string> contexts_;
};

// An Error from errno in words: "cannot open '/etc/x': permission denied". ENOENT is missing, ENOSPC and EDQUOT are
// full, EACCES, EPERM and ELOOP are refused, everything else is failed.
Error system_error(const std::string& what, int error_number);

// Runs `work`; an Error on its way out gets `context()` added, which is evaluated only then.
template <class Context, class Work>
decltype(auto) with_context(Context&& context, Work&& work) {
    try {
        return work();
    } catch (Error& error) {
        error.add_context(context());
        throw;
    }
}

// One thing that is wrong with a catalog.
struct Diagnostic {
    enum class Severity { error, warning };
    Severity severity = Severity::error;
    SourcePosition position;
    std::string where;                  // the state or section it belongs to; may be empty
    std::string text;                   // "unknown argument 'pth' of file.managed; did you mean 'path'?"
    std::string excerpt;                // the user's line with a caret under it, ready to print; may be empty
    std::vector<std::string> contexts;  // "while compiling for target 'web1'"

    // "FILE:LINE:COLUMN: where: text", then excerpt and contexts indented.
    std::string full_text() const;
    bool operator==(const Diagnostic&) const = default;
};

// All that is wrong with a catalog. Equal ones are kept once; they print sorted by file, line and column.
class Diagnostics {
  public:
    Diagnostic& error(SourcePosition position, std::string where, std::string text);
    Diagnostic& warning(SourcePosition position, std::string where, std::string text);
    void add(Diagnostic diagnostic);
    void append(const Diagnostics& other);
    bool has_errors() const;
    std::size_t error_count() const;
    const std::vector<Diagnostic>& all() const { return all_; }
    // Sorted, duplicates removed.
    std::vector<Diagnostic> sorted() const;

  private:
    std::vector<Diagnostic> all_;
};

// Thrown where a catalog cannot be used; carries everything that is wrong with it.
class CatalogError : public Error {
  public:
    explicit CatalogError(Diagnostics diagnostics);
    const Diagnostics& diagnostics() const { return diagnostics_; }

  private:
    Diagnostics diagnostics_;
};

// ", did you mean 'x'?" material: the candidate nearest to `word` by edit distance, or "" if none is near.
std::string nearest(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace prove
