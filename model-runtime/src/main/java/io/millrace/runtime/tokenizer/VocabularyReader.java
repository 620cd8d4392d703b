package io.millrace.runtime.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.millrace.runtime.model.ModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Reads from a {@code tokenizer.json} what each token stands for: its vocabulary, seen through its
 * decoder.
 */
final class VocabularyReader {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path file;
  private final JsonNode root;

  private VocabularyReader(Path file, JsonNode root) {
    this.file = file;
    this.root = root;
  }

  static Vocabulary read(Path file) {
    try {
      return new VocabularyReader(file, JSON.readTree(file.toFile())).vocabulary();
    } catch (IOException failure) {
      throw new ModelException(file + ": cannot be read: " + failure.getMessage(), failure);
    }
  }

  private Vocabulary vocabulary() {
    var spelling = TokenSpelling.of(file, root.path("decoder"));
    Map<Integer, String> tokens = new HashMap<>();
    readModelVocabulary(tokens);
    var special = readAddedTokens(tokens);
    int size = tokens.keySet().stream().mapToInt(id -> id + 1).max().orElse(0);
    byte[][] bytes = new byte[size][0];
    Set<String> controlTokens = special.stream().map(tokens::get).collect(Collectors.toSet());
    controlTokens.remove("");
    tokens.keySet().removeAll(special);
    tokens.forEach((id, token) -> bytes[id] = spelling.bytes(token));
    return new Vocabulary(bytes, spelling.stripsLeadingSpace(), controlTokens);
  }

  private void readModelVocabulary(Map<Integer, String> tokens) {
    var vocabulary = root.path("model").path("vocab");
    if (vocabulary.isObject()) {
      vocabulary
          .properties()
          .forEach(entry -> tokens.put(entry.getValue().intValue(), entry.getKey()));
    } else if (vocabulary.isArray()) {
      // A Unigram model lists [token, score] in order of the ids.
      int id = 0;
      for (var entry : vocabulary) {
        tokens.put(id++, entry.path(0).asText());
      }
    } else {
      throw new ModelException(file + ": model.vocab is missing");
    }
  }

  private Set<Integer> readAddedTokens(Map<Integer, String> tokens) {
    Set<Integer> special = new HashSet<>();
    for (var added : root.path("added_tokens")) {
      int id = added.path("id").intValue();
      tokens.put(id, added.path("content").asText());
      if (added.path("special").booleanValue()) {
        special.add(id);
      }
    }
    return special;
  }
}
