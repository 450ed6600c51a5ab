package suite.engine;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.impl.cfg.AbstractProcessEnginePlugin;
import org.camunda.bpm.engine.impl.cfg.ProcessEngineConfigurationImpl;
import org.camunda.bpm.engine.impl.cfg.ProcessEnginePlugin;
import org.camunda.bpm.engine.impl.history.event.HistoricExternalTaskLogEntity;
import org.camunda.bpm.engine.impl.history.event.HistoricVariableUpdateEventEntity;
import org.camunda.bpm.engine.impl.history.event.HistoryEvent;
import org.camunda.bpm.engine.impl.history.handler.DbHistoryEventHandler;
import org.camunda.bpm.engine.impl.persistence.entity.HistoricJobLogEventEntity;
import org.camunda.bpm.engine.rest.security.auth.ProcessEngineAuthenticationFilter;
import org.camunda.bpm.engine.rest.security.auth.impl.HttpBasicAuthenticationProvider;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;

/**
 * Camunda with its REST API behind HTTP basic authentication, and Cockpit. Settings: application.yaml.
 * For Operaton the runtime writes its name into both files.
 */
@SpringBootApplication
public class Engine {

    public static void main(String[] arguments) {
        SpringApplication.run(Engine.class, arguments);
    }

    @Bean
    FilterRegistrationBean<ProcessEngineAuthenticationFilter> credentials() {
        var filter = new FilterRegistrationBean<ProcessEngineAuthenticationFilter>(new OneUser());
        filter.addInitParameter("authentication-provider", Remembered.class.getName());
        filter.addUrlPatterns("/engine-rest/*");
        filter.setAsyncSupported(true); // fetchAndLock long-polls
        filter.setOrder(1);
        return filter;
    }

    @Bean
    ProcessEnginePlugin history() {
        return new AbstractProcessEnginePlugin() {
            @Override
            public void preInit(ProcessEngineConfigurationImpl configuration) {
                configuration.setEnableDefaultDbHistoryEventHandler(false);
                configuration.getCustomHistoryEventHandlers().add(new WhatIsRead());
            }
        };
    }

    /** Nobody is authorized by group or tenant here, so that they are not looked up for every request. */
    static class OneUser extends ProcessEngineAuthenticationFilter {

        @Override
        protected List<String> getGroupsOfUser(ProcessEngine engine, String user) {
            return List.of();
        }

        @Override
        protected List<String> getTenantsOfUser(ProcessEngine engine, String user) {
            return List.of();
        }
    }

    /** Credentials found right are taken for right for a minute, without asking the database for every request. */
    public static class Remembered extends HttpBasicAuthenticationProvider {

        private static final long NANOSECONDS = TimeUnit.MINUTES.toNanos(1);
        private final Map<List<String>, Long> right = new ConcurrentHashMap<>();

        @Override
        protected boolean isAuthenticated(ProcessEngine engine, String user, String password) {
            var credentials = List.of(user, password);
            var since = right.get(credentials);
            if (since != null && System.nanoTime() - since < NANOSECONDS) {
                return true;
            }
            var accepted = super.isAuthenticated(engine, user, password);
            if (accepted) {
                right.put(credentials, System.nanoTime());
            } else {
                right.remove(credentials);
            }
            return accepted;
        }
    }

    /** The history without what nobody reads, half of all that a publication writes: values, and steps that went well. */
    static class WhatIsRead extends DbHistoryEventHandler {

        @Override
        public void handleEvent(HistoryEvent event) {
            var unread = event instanceof HistoricVariableUpdateEventEntity
                || event instanceof HistoricExternalTaskLogEntity task && !task.isFailureLog()
                || event instanceof HistoricJobLogEventEntity job && !job.isFailureLog();
            if (!unread) {
                super.handleEvent(event);
            }
        }

        @Override
        public void handleEvents(List<HistoryEvent> events) {
            events.forEach(this::handleEvent);
        }
    }
}
