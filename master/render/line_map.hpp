// Which template line each line of a rendered text comes from. Small and cheap to copy: thousands of them are
// remembered, and a SourcePosition for each line would cost twice the text, and a shared count each.
#pragma once

#include <vector>

#include "proto/position.hpp"

namespace prove {

class LineMap {
  public:
    void add(const SourcePosition& position) {
        if (files_.empty() || files_[file_] != position.file) enter(position.file);
        places_.push_back({file_, position.line, position.column});
    }
    void reserve(std::size_t lines) { places_.reserve(lines); }
    std::size_t size() const { return places_.size(); }
    bool empty() const { return places_.empty(); }
    SourcePosition operator[](std::size_t line) const {
        const Place& place = places_.at(line);
        return {files_[place.file], place.line, place.column};
    }
    std::size_t bytes() const { return places_.size() * sizeof(Place) + files_.size() * sizeof(FileName); }

  private:
    struct Place {
        std::uint32_t file, line, column;
    };
    void enter(const FileName& file) {
        for (file_ = 0; file_ < files_.size(); ++file_)
            if (files_[file_] == file) return;
        files_.push_back(file);
    }

    std::vector<FileName> files_;
    std::uint32_t file_ = 0;  // of the line before
    std::vector<Place> places_;
};

}  // namespace prove
