package io.millrace.runtime.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SharedPiecesTest {

  @Test
  void oneThreadDoesThemAllAndTheOthersFindNothingLeft() {
    var pieces = new SharedPieces(5);
    List<Integer> done = new ArrayList<>();
    pieces.workOn(done::add);
    pieces.workOn(done::add);
    assertThat(done).containsExactly(0, 1, 2, 3, 4);
  }

  @Test
  void whoFindsNothingLeftWaitsForWhatOthersHaveTaken() throws Exception {
    var pieces = new SharedPieces(2);
    var bothTaken = new CountDownLatch(2);
    var done = new ConcurrentLinkedQueue<Integer>();
    try (var executor = Executors.newFixedThreadPool(2)) {
      var runs =
          IntStream.range(0, 2)
              .mapToObj(
                  _ ->
                      executor.submit(
                          () -> {
                            pieces.workOn(
                                number -> {
                                  bothTaken.countDown();
                                  await(bothTaken);
                                  done.add(number);
                                });
                            return done.size();
                          }))
              .toList();
      for (var run : runs) {
        assertThat(run.get()).isEqualTo(2);
      }
    }
  }

  @Test
  void aPieceThatFailsIsNotWaitedFor() {
    var pieces = new SharedPieces(3);
    List<Integer> done = new ArrayList<>();
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                pieces.workOn(
                    number -> {
                      throw new IllegalStateException();
                    }));
    pieces.workOn(done::add);
    assertThat(done).containsExactly(1, 2);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }
}
