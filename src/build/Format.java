import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The build's formatter: {@code java -cp google-java-format-all-deps.jar Format.java apply|check
 * DIR}.
 *
 * <p>{@code apply} rewrites what is not formatted; {@code check} lists it and exits with 1.
 */
class Format {
  public static void main(String[] arguments) throws Exception {
    boolean apply =
        switch (arguments[0]) {
          case "apply" -> true;
          case "check" -> false;
          default -> throw new IllegalArgumentException("apply or check, not " + arguments[0]);
        };
    var sources = Path.of(arguments[1]);
    if (!Files.isDirectory(sources)) {
      return;
    }
    var formatter = new Formatter();
    List<Path> unformatted = new ArrayList<>();
    List<Path> files;
    try (var tree = Files.walk(sources)) {
      files = tree.filter(path -> path.toString().endsWith(".java")).sorted().toList();
    }
    for (var file : files) {
      var before = Files.readString(file);
      var after =
          formatter.formatSourceAndFixImports(RemoveUnusedImports.removeUnusedImports(before));
      if (before.equals(after)) {
        continue;
      }
      unformatted.add(file);
      if (apply) {
        Files.writeString(file, after);
      }
    }
    if (!apply && !unformatted.isEmpty()) {
      unformatted.forEach(file -> System.err.println("not formatted: " + file));
      System.err.println("run: mvn process-sources");
      System.exit(1);
    }
  }
}
