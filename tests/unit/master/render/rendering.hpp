// Rendering a text in a test with the real workers.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "master/render/renderer.hpp"
#include "tests/support/catalog_folder.hpp"

namespace prove::test {

using Files = std::map<std::string, std::string>;

// The place of each rendered line, "FILE:LINE" or "FILE:LINE:COLUMN".
inline std::string places_of(const Rendered& rendered) {
    std::string result;
    for (std::size_t i = 0; i < rendered.line_map.size(); ++i) result += rendered.line_map[i].text() + " ";
    return result;
}

class Rendering {
  public:
    explicit Rendering(const Files& files = {}, RenderLimits limits = {}, int workers = 1,
                       std::shared_ptr<RenderMemory> memory = nullptr)
        : folder_(with_target(files)),
          catalog_(folder_.load()),
          renderer_(make_renderer(catalog_, workers, limits, std::move(memory))) {
        names_.set("vars", Value::object());
        names_.set("facts", Value::object());
        names_.set("probe", Value::object());
        Value target = Value::object();
        target.set("name", "web1");
        names_.set("target", std::move(target));
    }

    // What is rendered from now on; for Python files `call` is the function.
    void use(const std::string& engine, const std::string& path, const std::string& call = "states") {
        engine_ = engine;
        path_ = std::make_shared<const std::string>(path);
        call_ = call;
    }
    Value& names() { return names_; }
    std::function<std::shared_ptr<const Value>(const std::string&)> targets;
    std::function<void(const std::string&)> asked;
    void set(const std::string& name, const std::string& json) { names_.set(name, read_json(json)); }

    Rendered render(const std::string& text, bool yaml = true, bool collect = false) const {
        RenderRequest request;
        request.engine = engine_;
        request.call = call_;
        request.path = path_;
        request.text = &text;
        request.names = &names_;
        request.yaml = yaml;
        request.collect_probes = collect;
        request.targets = targets;
        request.asked = asked;
        return renderer_->render(request);
    }
    std::string text(const std::string& text, bool yaml = true) const { return render(text, yaml).text; }
    std::string places(const std::string& text) const {
        return places_of(render(text));
    }
    // "states/site.yml:1:3: text" for each error; "" where it renders.
    std::string errors(const std::string& text) const {
        std::string result;
        try {
            render(text);
        } catch (const CatalogError& error) {
            for (const Diagnostic& diagnostic : error.diagnostics().all())
                result += diagnostic.position.text() + ": " + diagnostic.text + "\n";
        }
        return result;
    }

  private:
    static Files with_target(Files files) {
        files.emplace("targets.yml", "targets: [{name: web1}]\n");
        return files;
    }

    CatalogFolder folder_;
    std::shared_ptr<const Catalog> catalog_;
    std::unique_ptr<Renderer> renderer_;
    Value names_ = Value::object();
    std::string engine_ = "mako", call_;
    FileName path_ = std::make_shared<const std::string>("states/site.yml");
};

}  // namespace prove::test
