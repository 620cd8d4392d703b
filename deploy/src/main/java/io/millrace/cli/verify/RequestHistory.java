package io.millrace.cli.verify;

import io.millrace.cli.topics.Place;
import io.millrace.events.Completion;
import io.millrace.events.Usage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of the prompts with one request id that is not settled. */
final class RequestHistory {

  /** A terminal event and where it is. */
  record Ended(Completion completion, Place place) {}

  final List<Place> prompts = new ArrayList<>(1);
  final List<Ended> ends = new ArrayList<>(1);
  final List<Usage> usages = new ArrayList<>(1);
  final AcceptedTokens tokens = new AcceptedTokens();
  int deadLetters;
  int failures;
  @Nullable String conversation;

  /** Whether all that belongs to one prompt is there, so that nothing more may come. */
  boolean isWhole() {
    return prompts.size() == 1
        && ends.size() == 1
        && usages.size() == 1
        && deadLetters == 0
        && !tokens.hasGap()
        && tokens.size() >= ends.getFirst().completion().getCompletionTokens();
  }
}
