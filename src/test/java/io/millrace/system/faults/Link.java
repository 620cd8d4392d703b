package io.millrace.system.faults;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A TCP proxy on loopback that can be cut.
 *
 * <p>Silent, it holds back what either side sends, and connections come about that no one answers:
 * so a network looks that loses packets. What was sent meanwhile arrives when it is whole again, as
 * TCP would have it. Refusing, it resets what there is and what comes.
 */
final class Link implements AutoCloseable {

  private enum State {
    WHOLE,
    SILENT,
    REFUSING
  }

  private static final int BUFFER_BYTES = 1 << 16;

  private final ServerSocket listener;
  private final int target;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Object change = new Object();

  /** Guarded by {@link #change}. */
  private State state = State.WHOLE;

  /**
   * @param target port that it leads to
   */
  Link(int target) throws IOException {
    this.target = target;
    listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  void silence() {
    become(State.SILENT);
  }

  void refuse() {
    become(State.REFUSING);
    open.forEach(Link::reset);
  }

  void mend() {
    become(State.WHOLE);
  }

  private void become(State next) {
    synchronized (change) {
      state = next;
      change.notifyAll();
    }
  }

  /** Waits while it is silent. Throws if it refuses. */
  private void awaitWhole() throws IOException, InterruptedException {
    synchronized (change) {
      while (state == State.SILENT) {
        change.wait();
      }
      if (state == State.REFUSING) {
        throw new IOException("refused");
      }
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        var near = listener.accept();
        open.add(near);
        Thread.ofVirtual().start(() -> connect(near));
      } catch (IOException closed) {
        // The listener was closed, or the one who came has gone.
      }
    }
  }

  private void connect(Socket near) {
    try {
      awaitWhole();
      var far = new Socket(InetAddress.getLoopbackAddress(), target);
      open.add(far);
      near.setTcpNoDelay(true);
      far.setTcpNoDelay(true);
      Thread.ofVirtual().start(() -> pump(near, far));
      pump(far, near);
    } catch (IOException | InterruptedException ended) {
      reset(near);
    }
  }

  private void pump(Socket from, Socket to) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        awaitWhole();
        out.write(buffer, 0, read);
      }
      awaitWhole();
    } catch (IOException | InterruptedException ended) {
      // Both sides learn of it below.
    }
    forget(from);
    forget(to);
  }

  private void forget(Socket socket) {
    open.remove(socket);
    quietly(socket);
  }

  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
    } catch (IOException closed) {
      // It needs no reset.
    }
    quietly(socket);
  }

  private static void quietly(Closeable socket) {
    try {
      socket.close();
    } catch (IOException closed) {
      // It is.
    }
  }

  @Override
  public void close() {
    quietly(listener);
    become(State.REFUSING);
    open.forEach(Link::reset);
  }
}
