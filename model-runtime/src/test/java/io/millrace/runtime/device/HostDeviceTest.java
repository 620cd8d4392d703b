package io.millrace.runtime.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostDeviceTest {

  private static int[] largest(float[]... rows) {
    int length = rows[0].length;
    float[] matrix = new float[rows.length * length];
    for (int row = 0; row < rows.length; row++) {
      System.arraycopy(rows[row], 0, matrix, row * length, length);
    }
    int[] columns = new int[rows.length];
    try (var device = new HostDevice()) {
      device.findLargest(
          MemorySegment.ofArray(matrix), FloatType.FLOAT32, rows.length, columns, length);
    }
    return columns;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, HugePages.BYTES - 1, HugePages.BYTES, 3 * HugePages.BYTES + 24})
  void memoryIsZeroAndIsUsedFromBeginToEnd(long bytes) {
    try (var device = new HostDevice()) {
      var memory = device.allocate(bytes);
      assertThat(memory.byteSize()).isEqualTo(bytes);
      assertThat(memory.mismatch(MemorySegment.ofArray(new byte[(int) bytes]))).isEqualTo(-1);
      memory.fill((byte) 7);
      if (bytes >= HugePages.BYTES) {
        assertThat(memory.address() % HugePages.BYTES).isZero();
      }
    }
  }

  @Test
  void repeatedMemoryMayBeLarge() {
    try (var device = new HostDevice()) {
      long page = device.repeatedPageBytes();
      assumeThat(page).as("this system maps memory repeatedly").isPositive();
      long bytes = page + 5 * HugePages.BYTES;
      var memory = device.allocateRepeated(bytes, page, 2).orElseThrow();
      memory.asSlice(0, bytes).fill((byte) 7);
      assertThat(memory.get(ValueLayout.JAVA_BYTE, bytes + 2 * page - 1)).isEqualTo((byte) 7);
      assertThat((memory.address() + page) % HugePages.BYTES).isZero();
    }
  }

  @Test
  void repeatedMemoryIsTheSameInAllPlaces() {
    try (var device = new HostDevice()) {
      long page = device.repeatedPageBytes();
      assumeThat(page).as("this system maps memory repeatedly").isPositive();
      var memory = device.allocateRepeated(5 * page, 2 * page, 3).orElseThrow();
      assertThat(memory.byteSize()).isEqualTo(11 * page);
      assertThat(memory.get(ValueLayout.JAVA_LONG, 4 * page)).isZero();
      memory.set(ValueLayout.JAVA_LONG, page + 8, 42);
      memory.set(ValueLayout.JAVA_LONG, 5 * page + 16, 43);
      memory.set(ValueLayout.JAVA_LONG, 2 * page + 8, 44);
      for (long place : new long[] {0, 5 * page, 7 * page, 9 * page}) {
        assertThat(memory.get(ValueLayout.JAVA_LONG, place + page + 8)).isEqualTo(42);
        assertThat(memory.get(ValueLayout.JAVA_LONG, place + 16)).isEqualTo(43);
      }
      assertThat(memory.get(ValueLayout.JAVA_LONG, 2 * page + 8)).isEqualTo(44);
    }
  }

  private static float[] random(int length, long seed) {
    var random = new Random(seed);
    float[] row = new float[length];
    for (int column = 0; column < length; column++) {
      row[column] = -1 - random.nextFloat();
    }
    return row;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1023, 1024, 2500, 2999})
  void findsTheLargestWhereverItIs(int column) {
    float[] negative = random(3000, 1);
    negative[column] = -0.5f;
    float[] positive = random(3000, 2);
    positive[column] = 2;

    assertThat(largest(random(3000, 3), negative, positive)).endsWith(column, column);
  }

  @Test
  void ofEqualOnesTheFirst() {
    float[] row = random(3000, 4);
    row[700] = 5;
    row[2900] = 5;

    assertThat(largest(row)).containsExactly(700);
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, 0})
  void leavesWhatIsNotPlainToTheHost(float odd) {
    float[] row = random(2000, 5);
    row[1500] = odd;
    float[] plain = random(2000, 6);
    plain[3] = 1;

    assertThat(largest(row, plain)).containsExactly(-1, 3);
  }

  @Test
  void nothingIsLargestWhereAllAreInfinitelySmall() {
    float[] row = new float[50];
    Arrays.fill(row, Float.NEGATIVE_INFINITY);

    assertThat(largest(row)).containsExactly(-1);
  }
}
