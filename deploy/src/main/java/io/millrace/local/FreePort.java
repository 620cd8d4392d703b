package io.millrace.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** A port that nobody listens on. */
public final class FreePort {

  private FreePort() {}

  /**
   * Finds one on the loopback interface. Another process may take it before the caller does; the
   * system hands out the next one each time, so that this is rare.
   */
  public static int find() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
