package io.millrace.system.faults;

import io.millrace.system.Eventually;
import io.millrace.system.faults.agent.StepFaults;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;

/** What may happen to a system, and is over when the call returns. */
enum Fault {
  KILL_PROCESSOR {
    @Override
    void inject(BreakableSystem system, int number, Random random)
        throws IOException, InterruptedException {
      system.processor(number).kill();
    }
  },

  STOP_PROCESSOR {
    @Override
    void inject(BreakableSystem system, int number, Random random)
        throws IOException, InterruptedException {
      system.processor(number).restart();
    }
  },

  PAUSE_PROCESSOR {
    @Override
    void inject(BreakableSystem system, int number, Random random)
        throws IOException, InterruptedException {
      system.processor(number).pause(SHORT);
    }
  },

  /** So long that another has its partitions when it goes on. */
  SUPERSEDE_PROCESSOR {
    @Override
    void inject(BreakableSystem system, int number, Random random)
        throws IOException, InterruptedException {
      system.processor(number).pause(LONG);
    }
  },

  JOIN_AND_LEAVE {
    @Override
    void inject(BreakableSystem system, int number, Random random)
        throws IOException, InterruptedException {
      system.joinAndLeave(SHORT);
    }
  },

  /** The broker is away for longer, or for shorter, than until others lead what it led. */
  KILL_BROKER {
    @Override
    void inject(BreakableSystem system, int number, Random random)
        throws IOException, InterruptedException {
      system.cluster().awaitWhole();
      system
          .cluster()
          .kill(random.nextInt(Cluster.BROKERS), random.nextBoolean() ? LONG : Duration.ZERO);
    }
  },

  RESTART_BROKER {
    @Override
    void inject(BreakableSystem system, int number, Random random)
        throws IOException, InterruptedException {
      system.cluster().awaitWhole();
      system.cluster().restart(random.nextInt(Cluster.BROKERS));
    }
  },

  PAUSE_BROKER {
    @Override
    void inject(BreakableSystem system, int number, Random random)
        throws IOException, InterruptedException {
      system.cluster().pause(random.nextInt(Cluster.BROKERS), random.nextBoolean() ? LONG : SHORT);
    }
  },

  /** A processor is cut off from all brokers; what it has sent may arrive later. */
  CUT_NETWORK {
    @Override
    void inject(BreakableSystem system, int number, Random random) throws InterruptedException {
      var links = system.cluster().links(number);
      links.forEach(Link::silence);
      Thread.sleep(random.nextBoolean() ? LONG : SHORT);
      links.forEach(Link::mend);
    }
  },

  /** A processor reaches all brokers but one. */
  CUT_ONE_LINK {
    @Override
    void inject(BreakableSystem system, int number, Random random) throws InterruptedException {
      var link = system.cluster().links(number).get(random.nextInt(Cluster.BROKERS));
      link.silence();
      Thread.sleep(LONG);
      link.mend();
    }
  },

  /** All connections of a processor are reset, and so are new ones for a while. */
  RESET_NETWORK {
    @Override
    void inject(BreakableSystem system, int number, Random random) throws InterruptedException {
      var links = system.cluster().links(number);
      links.forEach(Link::refuse);
      Thread.sleep(random.nextBoolean() ? LONG : SHORT);
      links.forEach(Link::mend);
    }
  },

  /** Prompts come that cannot be read without the registry, and a processor starts without it. */
  STOP_REGISTRY {
    @Override
    void inject(BreakableSystem system, int number, Random random)
        throws IOException, InterruptedException {
      if (random.nextBoolean()) {
        system.registry().silence();
      } else {
        system.registry().refuse();
      }
      system.sendNewerPrompts();
      Thread.sleep(SHORT);
      system.processor(number).kill();
      Thread.sleep(LONG);
      system.registry().mend();
    }
  },

  STEP_THROWS {
    @Override
    void inject(BreakableSystem system, int number, Random random)
        throws IOException, InterruptedException {
      system.failSteps(number, StepFaults.Kind.THROWS, 1 + random.nextInt(4));
    }
  },

  /** The watchdog stops the step. */
  STEP_HANGS {
    @Override
    void inject(BreakableSystem system, int number, Random random)
        throws IOException, InterruptedException {
      system.failSteps(number, StepFaults.Kind.HANGS, 1);
      Thread.sleep(BreakableSystem.STEP_TIMEOUT.plus(SHORT));
    }
  },

  /** The watchdog cannot, and the processor ends itself. */
  STEP_STICKS {
    @Override
    void inject(BreakableSystem system, int number, Random random)
        throws IOException, InterruptedException {
      var before = system.processors().stream().map(one -> one.ownEnds().size()).toList();
      int stuck = system.failSteps(number, StepFaults.Kind.STICKS, 1);
      Eventually.await(
          BreakableSystem.STEP_TIMEOUT.multipliedBy(6),
          () -> system.processor(stuck).ownEnds().size() > before.get(stuck),
          () -> "the processor ends itself");
    }
  },

  /** While there is no room, the processor is killed and starts, or others come and go. */
  FILL_DISK {
    @Override
    void inject(BreakableSystem system, int number, Random random)
        throws IOException, InterruptedException {
      var disk = system.disk(number);
      disk.fill();
      if (random.nextBoolean()) {
        system.processor(number).kill();
        Thread.sleep(LONG);
      } else {
        system.joinAndLeave(SHORT);
      }
      disk.free();
    }
  },

  /** The clock is set forward or back by up to two hours, and put right. */
  MOVE_CLOCK {
    @Override
    void inject(BreakableSystem system, int number, Random random) throws InterruptedException {
      system.processor(number).awaitReady();
      var clock = system.clock(number);
      var distance = Duration.ofSeconds(1 + random.nextInt(7_200));
      clock.setOff(random.nextBoolean() ? distance : distance.negated());
      Thread.sleep(LONG);
      clock.setOff(Duration.ZERO);
    }
  };

  static final Duration SHORT = Duration.ofSeconds(2);

  /** Longer than the group waits for a processor, and than the controller does for a broker. */
  static final Duration LONG = Duration.ofSeconds(8);

  /**
   * Has it happen, and ends it.
   *
   * @param number of the processor that it happens to, if it does to one
   * @param random for what is left open
   */
  abstract void inject(BreakableSystem system, int number, Random random)
      throws IOException, InterruptedException;
}
