package io.millrace.topology.processor;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lets the prompts of one conversation go on one at a time, in the order in which they came; those
 * without a conversation always.
 *
 * <p>Conversations of one key meet in one partition, so this needs to know of one task only.
 */
final class ConversationOrder {

  /** The prompt whose turn it is, then those behind it. */
  private final Map<String, Deque<Flight>> turns = new HashMap<>();

  /** Whether a prompt that came now would have to wait for another. */
  boolean isTaken(@Nullable String conversationId) {
    return turns.containsKey(conversationId);
  }

  /** Takes a prompt in. Returns whether it is its turn. */
  boolean begin(Flight flight) {
    var conversationId = flight.prompt().getConversationId();
    if (conversationId == null) {
      return true;
    }
    var turn = turns.computeIfAbsent(conversationId, absent -> new ArrayDeque<>());
    turn.addLast(flight);
    return turn.size() == 1;
  }

  /** A prompt has ended, whether or not it had its turn. Returns the one whose turn it is now. */
  Optional<Flight> end(Flight flight) {
    var conversationId = flight.prompt().getConversationId();
    var turn = conversationId == null ? null : turns.get(conversationId);
    if (turn == null) {
      return Optional.empty();
    }
    boolean hadTurn = turn.peekFirst() == flight;
    turn.remove(flight);
    if (turn.isEmpty()) {
      turns.remove(conversationId);
      return Optional.empty();
    }
    return hadTurn ? Optional.of(turn.getFirst()) : Optional.empty();
  }
}
