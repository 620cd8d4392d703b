package io.millrace.runtime.bench;

import io.millrace.runtime.engine.EngineEvent;
import io.millrace.runtime.engine.EngineEvent.Cancelled;
import io.millrace.runtime.engine.EngineEvent.Completed;
import io.millrace.runtime.engine.EngineEvent.Expired;
import io.millrace.runtime.engine.EngineEvent.Failed;
import io.millrace.runtime.engine.EngineEvent.Terminal;
import io.millrace.runtime.engine.EngineEvent.Token;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Keeps account of what an engine tells: each request ends once, its tokens are numbered without a
 * gap, and its usage says as many as were told.
 */
final class SoakLedger {

  /** More of them say nothing more. */
  private static final int MOST_FAULTS = 10;

  private final Map<String, Integer> tokensByRequest = new HashMap<>();
  private final Map<String, Long> outcomes = new TreeMap<>();
  private final List<String> faults = new ArrayList<>();
  private long tokens;
  private long promptTokens;
  private long cachedTokens;

  void submitted(String requestId) {
    tokensByRequest.put(requestId, 0);
  }

  void told(EngineEvent event) {
    var known = tokensByRequest.get(event.requestId());
    if (known == null) {
      fault("%s came for a request that is not under way".formatted(event));
      return;
    }
    switch (event) {
      case Token token -> took(token, known);
      case Terminal end -> ended(end, known);
    }
  }

  private void took(Token token, int before) {
    if (token.index() != before) {
      fault(
          "token %d of request %s came as its number %d"
              .formatted(token.index(), token.requestId(), before));
    }
    tokensByRequest.put(token.requestId(), before + 1);
    tokens++;
  }

  private void ended(Terminal end, int told) {
    var usage = end.usage();
    if (usage.completionTokens() != told) {
      fault(
          "request %s was told %d tokens, its usage says %d"
              .formatted(end.requestId(), told, usage.completionTokens()));
    }
    tokensByRequest.remove(end.requestId());
    promptTokens += usage.promptTokens();
    cachedTokens += usage.cachedTokens();
    outcomes.merge(outcome(end), 1L, Long::sum);
    if (end instanceof Failed failed) {
      fault("request %s failed: %s".formatted(failed.requestId(), failed.message()));
    }
  }

  private static String outcome(Terminal end) {
    return switch (end) {
      case Completed _ -> "completed";
      case Expired _ -> "expired";
      case Cancelled _ -> "cancelled";
      case Failed _ -> "failed";
    };
  }

  /** Compares a count of the engine's with this one's. */
  void requireEqual(String what, long engines, long own) {
    if (engines != own) {
      fault("%s: the engine says %d, told were %d".formatted(what, engines, own));
    }
  }

  void fault(String text) {
    if (faults.size() < MOST_FAULTS) {
      faults.add(text);
    }
  }

  List<String> faults() {
    return faults;
  }

  /** Requests without an end. */
  int underWay() {
    return tokensByRequest.size();
  }

  long ended(String outcome) {
    return outcomes.getOrDefault(outcome, 0L);
  }

  /** Of all completions. */
  long tokens() {
    return tokens;
  }

  /** Of all usages, cached ones included. */
  long promptTokens() {
    return promptTokens;
  }

  long cachedTokens() {
    return cachedTokens;
  }
}
