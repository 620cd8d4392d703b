package io.millrace.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.kafka.common.GroupState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Which transactions no one will end. */
class AbandonedTransactionsTest {

  private static final String ALIVE = "0b3d2c51-6f1e-4c55-9d0a-4b1c2d3e4f50";
  private static final String LOST = "93a1f0aa-1b2c-4d3e-8f90-a1b2c3d4e5f6";

  private static List<String> among(GroupState state, List<String> open, String... members) {
    return AbandonedTransactions.among(open, "app", state, List.of(members));
  }

  private static String transaction(String process, int thread) {
    return "app-" + process + "-" + thread;
  }

  private static String member(String process, int thread) {
    return "app-" + process + "-StreamThread-" + thread + "-consumer";
  }

  @Test
  void thoseOfAProcessWithoutAMember() {
    var open = List.of(transaction(ALIVE, 1), transaction(LOST, 1), transaction(LOST, 2));
    assertThat(among(GroupState.STABLE, open, member(ALIVE, 1)))
        .containsExactly(transaction(LOST, 1), transaction(LOST, 2));
  }

  @Test
  void notThatOfAnotherThreadOfAProcessWithAMember() {
    assertThat(among(GroupState.STABLE, List.of(transaction(ALIVE, 2)), member(ALIVE, 1)))
        .isEmpty();
  }

  @Test
  void notThoseOfOtherApplications() {
    var open = List.of("application-" + LOST + "-1", "my-app-" + LOST + "-1", "app-one-1", "app");
    assertThat(among(GroupState.STABLE, open, member(ALIVE, 1))).isEmpty();
  }

  @Test
  void noneWhereAMemberDoesNotTellItsProcess() {
    var open = List.of(transaction(LOST, 1));
    assertThat(among(GroupState.STABLE, open, member(ALIVE, 1), "mine-StreamThread-1-consumer"))
        .isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = GroupState.class,
      names = {"STABLE", "PREPARING_REBALANCE", "COMPLETING_REBALANCE"},
      mode = Mode.EXCLUDE)
  void noneWhereTheMembersAreNotKnown(GroupState state) {
    assertThat(among(state, List.of(transaction(LOST, 1)), member(ALIVE, 1))).isEmpty();
    assertThat(among(GroupState.STABLE, List.of(transaction(LOST, 1)))).isEmpty();
  }
}
