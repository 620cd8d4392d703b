package io.millrace.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the files that belong to Millrace lie: the launcher says where Millrace is. */
final class Installation {

  private static final String HOME = "millrace.home";

  private final Path home = Path.of(System.getProperty(HOME, "."));

  Path demoModel() {
    return existing("model");
  }

  Path demoPrompts() {
    return existing("demo-prompts.jsonl");
  }

  private Path existing(String name) {
    var path = home.resolve("model-runtime").resolve("demo-model").resolve(name);
    if (!Files.exists(path)) {
      throw new CommandException(
          "%s is missing: start Millrace with ./millrace from a complete clone".formatted(path));
    }
    return path;
  }
}
